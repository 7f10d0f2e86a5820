// All customers at once.

import { integer, json, text, texts } from '../types.js';
import { streamed } from '../bulk.js';
import { overrides, program, rankBy } from './common.js';

const filter = json('Conditions on vehicles');
const perCustomer = integer('Offers of each customer', { least: 1, most: 100, default: 3 });

export default [
    {
        name: 'portfolio_summary', method: 'POST', path: '/api/portfolio/summary', summary: 'Offers, customers and margin of all customers, by currency and tier',
        parameters: { program, overrides, filter },
        sql: 'SELECT s.* FROM tradeup.portfolio_summary(:program, :overrides, :filter) s ORDER BY s.currency, s.tier_rank NULLS LAST',
        answer: 'rows', isRead: true, long: true,
    },
    {
        name: 'portfolio_compare', method: 'POST', path: '/api/portfolio/compare', summary: 'Two what-ifs side by side',
        parameters: { program, overrides_a: overrides, overrides_b: overrides, filter },
        sql: 'SELECT c.* FROM tradeup.portfolio_compare(:program, :overrides_a, :overrides_b, :filter) c ORDER BY c.currency, c.tier_rank NULLS LAST',
        answer: 'rows', isRead: true, long: true,
    },
    {
        name: 'portfolio', method: 'POST', path: '/api/portfolio/offers', summary: 'The best offers of every customer, a line each (NDJSON)',
        parameters: { per_customer: perCustomer, program, overrides, rank_by: rankBy },
        sql: 'SELECT o.* FROM tradeup.portfolio(:per_customer, :program, :overrides, :rank_by) o', answer: 'lines', isRead: true, long: true, handle: streamed,
    },
    {
        name: 'bulk_offers', method: 'POST', path: '/api/bulk/offers', summary: 'The best offers of the customers named, a line each (NDJSON)',
        parameters: {
            customer_ids: texts('Identifiers of customers', { required: true, most: 10000 }),
            per_tier: integer('How many of each tier', { least: 0, most: 1000, default: 3 }), program, overrides, rank_by: rankBy, tier: text('One tier'),
        },
        sql: `SELECT o.* FROM unnest(:customer_ids) WITH ORDINALITY c (customer_id, place),
                     LATERAL tradeup.best_offers(c.customer_id, :per_tier, :program, :overrides, :rank_by, :tier) o`,
        answer: 'lines', isRead: true, long: true, handle: streamed,
    },
    {
        name: 'bulk_deals', method: 'POST', path: '/api/bulk/deals', summary: 'What one vehicle costs the customers named at each term, a line each (NDJSON)',
        parameters: { customer_ids: texts('Identifiers of customers', { required: true, most: 10000 }), vehicle_id: text('Identifier of the vehicle', { required: true }), program, overrides },
        sql: `SELECT d.customer_id, d.term, v.price, tradeup.payment(d.deal, v.price) AS payment, tradeup.payment_change(d.deal, v.price) AS payment_change,
                     tradeup.tier(d.deal, v.price) AS tier, tradeup.eligible(d.deal, v.price) AS eligible
              FROM tradeup.vehicle v, unnest(:customer_ids) WITH ORDINALITY c (customer_id, place), LATERAL tradeup.deals(c.customer_id, :program, :overrides) d
              WHERE v.vehicle_id = :vehicle_id AND v.currency = d.currency`,
        answer: 'lines', isRead: true, long: true, handle: streamed,
    },
];

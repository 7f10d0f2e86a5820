// What one customer may be offered.

import { flag, integer, integers, json, number, text, texts, word } from '../types.js';
import { customerId, filter, limit, of, overrides, rankBy, term, vehicleId } from './common.js';

const tier = text('One tier', { longest: 300 });
const programs = texts('Names of programs', { required: true, most: 50 });
const vehicle = { ...of, vehicle_id: vehicleId };
// The deal of the customer at a term, and the vehicle's price.
const DEAL = `tradeup.deals(:customer_id, :program, :overrides) d, tradeup.vehicle v`;
const AT = `WHERE d.term = :term AND v.vehicle_id = :vehicle_id`;

export default [
    {
        name: 'offers', method: 'GET', path: '/api/customers/:customer_id/offers', summary: 'Offers for a customer, the cheapest first',
        parameters: {
            ...of, tier, terms: integers('Terms in months', { most: 50 }), make: text('Make'), price_from: number('Lowest price'), price_to: number('Highest price'),
            limit,
        },
        sql: `SELECT o.* FROM tradeup.offers(:customer_id, :program, :overrides, :price_from, :price_to) o
              WHERE (:tier IS NULL OR o.tier = :tier) AND (:terms IS NULL OR o.term = ANY (:terms)) AND (:make IS NULL OR o.make = :make)
              ORDER BY o.price_minor, o.vehicle_id, o.term LIMIT :limit`,
        answer: 'rows',
    },
    {
        name: 'best_offers', method: 'GET', path: '/api/customers/:customer_id/best-offers', summary: 'The best offers of each tier, or of one',
        parameters: { ...of, per_tier: integer('How many of each tier', { least: 0, most: 1000, default: 3 }), rank_by: rankBy, tier },
        sql: 'SELECT o.* FROM tradeup.best_offers(:customer_id, :per_tier, :program, :overrides, :rank_by, :tier) o',
        answer: 'rows',
    },
    {
        name: 'counts', method: 'GET', path: '/api/customers/:customer_id/counts', summary: 'How many offers and vehicles there are by tier, category, make, body, region and years',
        parameters: { ...of, filter: filter },
        sql: 'SELECT c.facet, c.value, c.place, c.offers, c.vehicles FROM tradeup.search_counts(:customer_id, :filter, :program, :overrides) c ORDER BY c.facet, c.place',
        answer: 'rows',
    },
    {
        name: 'deals', method: 'GET', path: '/api/customers/:customer_id/deals', summary: 'Her terms: rates, the prices at which offers exist, what the program finances',
        parameters: of,
        sql: `SELECT d.program, d.version, d.profile, d.term, d.annual_rate, d.current_payment, d.currency, d.min_year, d.max_kilometers, d.makes,
                     tradeup.lowest_price(d.deal, false) AS lowest_price, tradeup.highest_price(d.deal, false) AS highest_price, d.deal::text AS deal
              FROM tradeup.deals(:customer_id, :program, :overrides) d ORDER BY d.term`,
        answer: 'rows',
    },
    {
        name: 'windows', method: 'GET', path: '/api/customers/:customer_id/windows', summary: 'The prices at which each tier begins and ends, for each term',
        parameters: of,
        sql: `SELECT d.term, w.tier, w.rank, w.lowest_price, w.highest_price FROM tradeup.deals(:customer_id, :program, :overrides) d,
                     tradeup.windows(d.deal) w ORDER BY d.term, w.lowest_price`,
        answer: 'rows',
    },
    {
        name: 'why_no_offer', method: 'GET', path: '/api/customers/:customer_id/vehicles/:vehicle_id/why-no-offer',
        summary: 'For each term, whether an offer exists, or the rule that refuses it',
        parameters: vehicle,
        sql: 'SELECT w.* FROM tradeup.why_no_offer(:customer_id, :vehicle_id, :program, :overrides) w ORDER BY w.term', answer: 'rows',
    },
    {
        name: 'terms', method: 'GET', path: '/api/customers/:customer_id/vehicles/:vehicle_id/terms', summary: 'What one vehicle costs at each term',
        parameters: vehicle,
        sql: `SELECT d.term, d.annual_rate, d.currency, v.price, tradeup.payment(d.deal, v.price) AS payment,
                     tradeup.monthly_payment(d.deal, v.price) AS monthly_payment, tradeup.payment_frequency(d.deal) AS payment_frequency,
                     tradeup.payment_change(d.deal, v.price) AS payment_change, tradeup.tier(d.deal, v.price) AS tier,
                     tradeup.eligible(d.deal, v.price) AS eligible, tradeup.loan_amount(d.deal, v.price) AS loan_amount
              FROM ${DEAL} WHERE v.vehicle_id = :vehicle_id AND v.currency = d.currency ORDER BY d.term`,
        answer: 'rows',
    },
    {
        name: 'deal_sheet', method: 'GET', path: '/api/customers/:customer_id/vehicles/:vehicle_id/deal-sheet', summary: 'The worksheet of a deal, line by line',
        parameters: { ...vehicle, term },
        sql: `SELECT s.* FROM ${DEAL}, tradeup.deal_sheet(d.deal, v.price) s ${AT} AND v.currency = d.currency ORDER BY s.place`, answer: 'rows',
    },
    {
        name: 'schedule', method: 'GET', path: '/api/customers/:customer_id/vehicles/:vehicle_id/schedule', summary: 'The payments of a deal, to the cent',
        parameters: { ...vehicle, term },
        sql: `SELECT s.* FROM ${DEAL}, tradeup.schedule(d.deal, v.price) s ${AT} AND v.currency = d.currency ORDER BY s.number`, answer: 'rows',
    },
    {
        name: 'solve', method: 'GET', path: '/api/customers/:customer_id/vehicles/:vehicle_id/solve',
        summary: 'The bonus, down payment, fee, rate, term or price that leads to a payment, a change or a tier',
        parameters: {
            ...vehicle, term,
            solve_for: word('The figure', { of: ['bonus', 'down_payment', 'service_fee', 'opening_fee', 'rate', 'term', 'price'], required: true }),
            payment: number('Target: at most this payment'), payment_change: number('Target: at most this change, a fraction'), tier: text('Target: this tier'),
            lowest: number('Lowest value of the figure'), highest: number('Highest value of the figure'),
        },
        sql: `SELECT :solve_for AS solve_for, s.value, s.possible, s.eligible, s.price, s.payment, s.payment_change, s.tier, s.deal::text AS deal, s.explanation
              FROM ${DEAL}, tradeup.solve(d.deal, v.price, :solve_for, :payment, :payment_change, :tier, :lowest, :highest) s ${AT} AND v.currency = d.currency`,
        answer: 'row', missing: 'the vehicle, or this term of the program,',
    },
    {
        name: 'least_subsidy', method: 'GET', path: '/api/customers/:customer_id/vehicles/:vehicle_id/least-subsidy',
        summary: 'The least that must be conceded so that a vehicle becomes an offer that passes the gates',
        parameters: { ...vehicle, rules: json('What may be conceded, in which order, and the gates') },
        sql: `SELECT m.viable, m.term, m.service_fee_rate, m.bonus, m.opening_fee_rate, m.payment, m.payment_change, m.margin_less_bonus, m.financed_to_price,
                     m.failed_gate, m.deal::text AS deal, m.explanation
              FROM tradeup.min_subsidy(:customer_id, :vehicle_id, :rules, :program, :overrides) m`,
        answer: 'row', missing: 'the concession',
    },
    {
        name: 'least_subsidies', method: 'GET', path: '/api/customers/:customer_id/least-subsidies', summary: 'The least subsidy of each available vehicle',
        parameters: { ...of, rules: json('What may be conceded, in which order, and the gates'), viable: flag('Only those that pass (true), or fail'), limit },
        sql: `SELECT m.vehicle_id, m.price, m.viable, m.term, m.service_fee_rate, m.bonus, m.opening_fee_rate, m.payment, m.payment_change, m.margin_less_bonus, m.failed_gate, m.explanation
              FROM tradeup.min_subsidies(:customer_id, :rules, :program, :overrides) m WHERE :viable IS NULL OR m.viable = :viable
              ORDER BY m.viable DESC, m.bonus, m.price, m.vehicle_id LIMIT :limit`,
        answer: 'rows', long: true,
    },
    {
        name: 'program_offers', method: 'GET', path: '/api/customers/:customer_id/program-offers', summary: 'Offers under several programs side by side',
        parameters: { customer_id: customerId, programs, overrides, price_from: number('Lowest price'), price_to: number('Highest price'), limit },
        sql: `SELECT o.* FROM tradeup.program_offers(:customer_id, :programs, :overrides, :price_from, :price_to) o
              ORDER BY o.price_minor, o.vehicle_id, o.program, o.term LIMIT :limit`, answer: 'rows',
    },
    {
        name: 'best_programs', method: 'GET', path: '/api/customers/:customer_id/best-programs', summary: 'Of each vehicle, the offer of the program that is best for it',
        parameters: { customer_id: customerId, programs, overrides, rank_by: { ...rankBy, default: 'payment', schema: { ...rankBy.schema, default: 'payment' } }, limit },
        sql: `SELECT o.* FROM tradeup.best_programs(:customer_id, :programs, :overrides, :rank_by) o
              ORDER BY o.price_minor, o.vehicle_id LIMIT :limit`, answer: 'rows', long: true,
    },
    {
        name: 'program_refusals', method: 'GET', path: '/api/customers/:customer_id/vehicles/:vehicle_id/program-refusals',
        summary: 'Which of several programs offer a vehicle, and why the others do not',
        parameters: { customer_id: customerId, vehicle_id: vehicleId, programs, overrides },
        sql: 'SELECT r.* FROM tradeup.program_refusals(:customer_id, :vehicle_id, :programs, :overrides) r ORDER BY r.program, r.term', answer: 'rows',
    },
];

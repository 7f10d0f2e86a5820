// Figures for whoever runs the desk: totals, quotes by day, and the views for analysts.

import { limit } from './common.js';
import { text } from '../types.js';

const view = (name, path, from, order, summary) => ({
    name, method: 'GET', path: `/api/statistics/${path}`, summary, parameters: { limit: { ...limit, default: 1000 } },
    sql: `SELECT x.* FROM ${from} x ORDER BY ${order} LIMIT :limit`, answer: 'rows', long: true,
});

export default [
    view('statistics', 'totals', 'tradeup.stats', 'x.topic, x.name', 'Totals: inventory, prices, customers, programs, quotes'),
    view('offer_statistics', 'offers', 'tradeup.offer_stats', 'x.currency, x.tier_rank NULLS LAST', 'Offers of today by currency and tier'),
    view('quote_statistics', 'quotes', 'tradeup.quote_stats', 'x.day DESC, x.tier', 'Quotes of 30 days by day and tier'),
    view('offers_today', 'offers-by-dealer', 'tradeup_bi.offers_today', 'x.currency, x.program, x.dealer, x.term, x.tier_rank NULLS LAST', 'Offers of today by program, dealer, term and tier'),
    view('price_by_term', 'prices-by-term', 'tradeup_bi.price_by_term', 'x.currency, x.program, x.term, x.price_from', 'Offers by ranges of prices and terms'),
    view('affordability', 'affordability', 'tradeup_bi.affordability', 'x.currency, x.price', 'How many customers have an offer at each price'),
    view('inventory_age', 'inventory-age', 'tradeup_bi.inventory_age', 'x.currency, x.dealer, x.make, x.age_rank', 'Age of the inventory'),
    view('inventory_turn', 'inventory-turn', 'tradeup_bi.inventory_turn', 'x.currency, x.dealer', 'Turn of the inventory by dealer'),
    view('quote_funnel', 'quote-funnel', 'tradeup_bi.quote_funnel', 'x.day DESC, x.dealer, x.user_name', 'What became of quotes'),
    {
        name: 'best_of_customers', method: 'GET', path: '/api/statistics/best-offers', summary: 'The best offer of each customer',
        parameters: { after: text('The last customer of the page before'), limit },
        sql: 'SELECT b.* FROM tradeup_bi.best_offer b WHERE :after IS NULL OR b.customer_id > :after ORDER BY b.customer_id LIMIT :limit', answer: 'rows', long: true,
    },
];

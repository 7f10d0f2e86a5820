// The search of a deal desk: pages, counts and facets in one answer. Asked by POST, because filters are JSON; it is a read.

import { flag, integer, text, texts, word } from '../types.js';
import { customerId, filter, overrides, program } from './common.js';

const SORTS = ['closeness', 'payment', 'price', 'dearest', 'margin', 'year', 'kilometers'];
const asked = {
    filter, sort: word('What comes first; closeness, or payment for a customer without a current one', { of: SORTS }),
    page_size: integer('Offers on a page', { least: 1, most: 1000, default: 20 }), program, overrides,
    counts: flag('Whether to count by tier and facet', { default: true }),
    facets: word('multi counts each facet without the filter\'s own condition on it', { of: ['plain', 'multi'], default: 'plain' }),
    facet_fields: texts('Facets: make, body, region, year, dealer, model, color, fuel, transmission', { most: 20 }),
    per_tier: integer('So many of each tier, as columns, in place of one page', { least: 1, most: 1000 }),
};

export default [
    {
        name: 'search', method: 'POST', path: '/api/customers/:customer_id/search', summary: 'A page of offers with counts and facets',
        parameters: { customer_id: customerId, ...asked, after: text('Token of the next page', { longest: 4000 }) },
        sql: `SELECT tradeup.search_offers(:customer_id, :filter, :sort, :page_size, :after, :program, :overrides, :counts, :facets, :facet_fields, :per_tier) AS document`,
        answer: 'document', hasOffers: true, isRead: true, schema: 'Search', missing: 'the customer',
    },
    {
        name: 'search_many', method: 'POST', path: '/api/search', summary: 'The same search for several customers',
        parameters: { customer_ids: texts('Identifiers of customers', { required: true, most: 200 }), ...asked },
        sql: `SELECT tradeup.search_offers_for(:customer_ids, :filter, :sort, :page_size, :program, :overrides, :counts, :facets, :facet_fields, :per_tier) AS document`,
        answer: 'document', hasOffers: true, isRead: true, long: true,
    },
];

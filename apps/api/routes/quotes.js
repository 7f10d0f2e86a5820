// Quotes: offers as they were promised, and what became of them.

import { long, span, text, word } from '../types.js';
import { customerId, limit, overrides, program, term, vehicleId } from './common.js';

const quoteId = long('Number of the quote', { required: true });
const EVENTS = ['viewed', 'accepted', 'rejected', 'withdrawn', 'expired'];

export default [
    {
        name: 'save_quote', method: 'POST', path: '/api/quotes', status: 201, isRead: false, summary: 'Saves the offer of a vehicle to a customer at a term',
        parameters: { customer_id: customerId, vehicle_id: vehicleId, term, program, overrides, valid_for: span('How long it is valid, at most 366 days', { default: '7 days' }) },
        sql: 'SELECT tradeup.save_quote(:customer_id, :vehicle_id, :term, :program, :overrides, :valid_for) AS quote_id', answer: 'row',
    },
    {
        name: 'quotes', method: 'GET', path: '/api/quotes', summary: 'Quotes with their state, the latest first',
        parameters: {
            customer_id: text('Of one customer', { longest: 300 }), vehicle_id: text('Of one vehicle', { longest: 300 }),
            status: word('In one state', { of: ['open', 'accepted', 'rejected', 'withdrawn', 'expired'] }), before: long('The last number of the page before'), limit,
        },
        sql: `SELECT s.* FROM tradeup.quote_status s
              WHERE (:customer_id IS NULL OR s.customer_id = :customer_id) AND (:vehicle_id IS NULL OR s.vehicle_id = :vehicle_id)
                AND (:status IS NULL OR s.status = :status) AND (:before IS NULL OR s.quote_id < :before)
              ORDER BY s.quote_id DESC LIMIT :limit`,
        answer: 'rows',
    },
    {
        name: 'quote', method: 'GET', path: '/api/quotes/:quote_id', summary: 'One quote with all that it was made of',
        parameters: { quote_id: quoteId },
        sql: `SELECT q.*, s.status FROM tradeup.quote q, tradeup.quote_status s WHERE q.quote_id = :quote_id AND s.quote_id = q.quote_id`,
        answer: 'row', missing: 'the quote',
    },
    {
        name: 'quote_events', method: 'GET', path: '/api/quotes/:quote_id/events', summary: 'What became of a quote',
        parameters: { quote_id: quoteId },
        sql: 'SELECT e.seq, e.event, e.happened_at, e.happened_by, e.note FROM tradeup.quote_event e WHERE e.quote_id = :quote_id ORDER BY e.seq', answer: 'rows',
    },
    {
        name: 'record_event', method: 'POST', path: '/api/quotes/:quote_id/events', status: 201, isRead: false, summary: 'Records an event of a quote',
        parameters: { quote_id: quoteId, event: word('What happened', { of: EVENTS, required: true }), note: text('A note') },
        sql: 'SELECT tradeup.record_event(:quote_id, :event, :note) AS seq', answer: 'row',
    },
    {
        name: 'verify_quote', method: 'GET', path: '/api/quotes/:quote_id/verification', summary: 'A quote computed again, field by field',
        parameters: { quote_id: quoteId }, sql: 'SELECT v.* FROM tradeup.verify_quote(:quote_id) v', answer: 'rows',
    },
    {
        name: 'quote_sheet', method: 'GET', path: '/api/quotes/:quote_id/deal-sheet', summary: 'The worksheet of a quote',
        parameters: { quote_id: quoteId },
        sql: 'SELECT s.* FROM tradeup.quote q, tradeup.deal_sheet(q) s WHERE q.quote_id = :quote_id ORDER BY s.place', answer: 'rows',
    },
    {
        name: 'quote_schedule', method: 'GET', path: '/api/quotes/:quote_id/schedule', summary: 'The payments of a quote',
        parameters: { quote_id: quoteId },
        sql: 'SELECT s.* FROM tradeup.quote q, tradeup.schedule(q.deal::tradeup.deal, q.price) s WHERE q.quote_id = :quote_id ORDER BY s.number', answer: 'rows',
    },
    {
        name: 'expire_quotes', method: 'POST', path: '/api/quotes/expire', isRead: false, summary: 'Records the end of all quotes past their time',
        sql: 'SELECT tradeup.expire_quotes() AS expired', answer: 'row', long: true,
    },
];

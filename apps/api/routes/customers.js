// Customers as they are stored.

import { integer, number, text } from '../types.js';
import { after, customerId, limit } from './common.js';

const columns = {
    risk_profile: text('Risk profile, one of her program\'s', { required: true }),
    equity: number('Worth of her vehicle less what is owed on it', { default: 0 }),
    current_payment: number('What she pays a month'),
    current_price: number('Price of her vehicle'),
    current_make: text('Make of her vehicle'),
    current_model: text('Model of her vehicle'),
    current_year: integer('Its model year'),
    current_kilometers: integer('Its kilometres'),
    region: text('Region'),
    program: text('Her finance program; without one, the default'),
    trade_value: number('What is allowed for her vehicle'),
    payoff: number('What is owed on it'),
    bonus: number('A bonus of her own', { default: 0 }),
    income: number('Income in a month'),
};
const names = Object.keys(columns);

export default [
    {
        name: 'customers', method: 'GET', path: '/api/customers', summary: 'Customers by identifier',
        parameters: { search: text('What the identifier, make or model begins with, in any case', { longest: 100 }), after, limit },
        sql: `SELECT c.* FROM tradeup.customer c
              WHERE (:search IS NULL OR starts_with(lower(c.customer_id), lower(:search)) OR starts_with(lower(c.current_make), lower(:search))
                     OR starts_with(lower(c.current_model), lower(:search)))
                AND (:after IS NULL OR c.customer_id > :after)
              ORDER BY c.customer_id LIMIT :limit`,
        answer: 'rows',
    },
    {
        name: 'customer', method: 'GET', path: '/api/customers/:customer_id', summary: 'One customer',
        parameters: { customer_id: customerId }, sql: 'SELECT c.* FROM tradeup.customer c WHERE c.customer_id = :customer_id',
        answer: 'row', missing: 'the customer',
    },
    {
        name: 'put_customer', method: 'PUT', path: '/api/customers/:customer_id', summary: 'Stores a customer, new or in place of what is stored',
        parameters: { customer_id: customerId, ...columns },
        sql: `INSERT INTO tradeup.customer AS c (customer_id, ${names.join(', ')})
              VALUES (:customer_id, ${names.map((name) => `:${name}`).join(', ')})
              ON CONFLICT (customer_id) DO UPDATE SET ${names.map((name) => `${name} = EXCLUDED.${name}`).join(', ')} RETURNING c.*`,
        answer: 'row',
    },
    {
        name: 'delete_customer', method: 'DELETE', path: '/api/customers/:customer_id', summary: 'Deletes a customer; her quotes stay',
        parameters: { customer_id: customerId }, sql: 'DELETE FROM tradeup.customer c WHERE c.customer_id = :customer_id RETURNING c.customer_id',
        answer: 'row', isRead: false, missing: 'the customer',
    },
];

// Parameters that many routes have.

import { integer, json, text, word } from '../types.js';

export const customerId = text('Identifier of the customer', { required: true, longest: 300 });
export const vehicleId = text('Identifier of the vehicle', { required: true, longest: 300 });
export const program = text('Finance program; without it the customer\'s own, or the default one', { longest: 300 });
export const overrides = json('What-if: figures in place of those of the program, such as {"bonus": 500, "annual_percent": 4.9, "terms": [48, 60]}');
export const filter = json('Conditions on vehicles and offers, such as {"makes": ["Saab"], "price_to": 30000, "tiers": ["Upgrade"]}');
export const term = integer('Term in months', { required: true, least: 1, most: 480 });
export const rankBy = word('What is best first', { of: ['margin', 'price', 'payment', 'closeness'], default: 'margin' });
export const limit = integer('How many at most', { least: 1, most: 1000, default: 100 });
export const after = text('The last key of the page before', { longest: 300 });
export const of = { customer_id: customerId, program, overrides };

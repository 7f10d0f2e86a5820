// The inventory.

import { date, integer, json, number, text, word } from '../types.js';
import { after, filter, limit, vehicleId } from './common.js';

const columns = {
    make: text('Make'), model: text('Model'), body: text('Body'), year: integer('Model year'), kilometers: integer('Kilometres'),
    color: text('Colour'), fuel: text('Fuel'), transmission: text('Transmission'), vin: text('Vehicle identification number'),
    region: text('Region'), dealer: text('Dealer'), currency: text('ISO 4217 code', { required: true, longest: 3 }),
    regular_price: number('Regular price', { required: true }), promotion_price: number('Price of a promotion'), rebate: number('Rebate of the manufacturer'),
    cost: number('What the dealer paid'), status: word('Whether it is for sale', { of: ['available', 'reserved', 'sold', 'withdrawn'], default: 'available' }),
    listed_on: date('Day of listing; without it today, or what is stored'), sold_on: date('Day of sale'),
};
const names = Object.keys(columns);
const CHANGEABLE = ['status', 'regular_price', 'promotion_price', 'rebate', 'cost', 'dealer', 'region', 'kilometers', 'color', 'sold_on'];

export default [
    {
        name: 'vehicles', method: 'GET', path: '/api/vehicles', summary: 'Available vehicles that a filter lets through',
        parameters: { filter: { ...filter, default: '{}' }, after, limit },
        sql: `SELECT v.* FROM tradeup.vehicles_matching(:filter) v WHERE :after IS NULL OR v.vehicle_id > :after
              ORDER BY v.vehicle_id LIMIT :limit`,
        answer: 'rows',
    },
    {
        name: 'vehicle', method: 'GET', path: '/api/vehicles/:vehicle_id', summary: 'One vehicle, whatever its status',
        parameters: { vehicle_id: vehicleId }, sql: 'SELECT v.* FROM tradeup.vehicle v WHERE v.vehicle_id = :vehicle_id',
        answer: 'row', missing: 'the vehicle',
    },
    {
        name: 'put_vehicle', method: 'PUT', path: '/api/vehicles/:vehicle_id', summary: 'Stores a vehicle, new or in place of what is stored',
        parameters: { vehicle_id: vehicleId, ...columns },
        sql: `INSERT INTO tradeup.vehicle AS v (vehicle_id, ${names.join(', ')})
              VALUES (:vehicle_id, ${names.map((name) => (name === 'listed_on' ? "coalesce(:listed_on, (now() AT TIME ZONE 'UTC')::date)" : `:${name}`)).join(', ')})
              ON CONFLICT (vehicle_id) DO UPDATE
              SET ${names.map((name) => (name === 'listed_on' ? 'listed_on = coalesce(:listed_on, v.listed_on)' : `${name} = EXCLUDED.${name}`)).join(', ')} RETURNING v.*`,
        answer: 'row',
    },
    {
        name: 'change_vehicle', method: 'PATCH', path: '/api/vehicles/:vehicle_id', summary: 'Changes some columns of a vehicle: its status, its prices',
        parameters: {
            vehicle_id: vehicleId,
            changes: json(`Column: value; of ${CHANGEABLE.join(', ')}`, { required: true, keys: CHANGEABLE }),
        },
        sql: `UPDATE tradeup.vehicle v SET (${CHANGEABLE.join(', ')}) =
                  (SELECT ${CHANGEABLE.map((name) => `CASE WHEN :changes ? '${name}' THEN n.${name} ELSE v.${name} END`).join(', ')}
                   FROM jsonb_to_record(:changes) n (status text, regular_price numeric, promotion_price numeric, rebate numeric, cost numeric,
                                                     dealer text, region text, kilometers integer, color text, sold_on date))
              WHERE v.vehicle_id = :vehicle_id
              RETURNING v.*`,
        answer: 'row', missing: 'the vehicle',
    },
];

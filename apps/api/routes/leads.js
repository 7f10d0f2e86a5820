// Leads of a service shop (extension tradeup_leads): whom to call, why, and what came of it.

import { date, flag, integer, json, long, text, word } from '../types.js';
import { limit } from './common.js';

const dealer = text('The dealer', { required: true, longest: 300 });
const leadId = long('Number of the lead', { required: true });
const model = text('Model; without it that of most vehicles of the dealer', { longest: 300 });
const named = text('Name of the model', { required: true, longest: 300 });
const asOf = date('The day; without it today');
const toggles = json('Stressors that are on or off, such as {"short_trips": false}');
const messageId = long('Number of the message', { required: true });
const lease = integer('Number of the lease, as it was taken', { required: true });
const note = text('A note');
const watched = { watched_from: date('First day of watching', { required: true }), watched_to: date('Last day of watching', { required: true }), failed_at: date('Day of the failure'), note };
const document = json('A whole model', { required: true });

export default [
    {
        name: 'leads', method: 'GET', path: '/api/leads', summary: 'Vehicles worth a call, the best first',
        parameters: { dealer, filter: json('priorities, severities, regions, vehicle_classes, min_risk, min_value'), limit },
        sql: 'SELECT l.* FROM tradeup_leads.leads(:dealer, :filter) l LIMIT :limit', answer: 'rows', long: true,
    },
    {
        name: 'make_leads', method: 'POST', path: '/api/leads', status: 201, isRead: false, long: true, summary: 'Writes the list as leads, at most as many as capacity allows',
        parameters: { dealer, as_of: asOf, at_most: integer('How many at most', { least: 0 }) },
        sql: 'SELECT tradeup_leads.make_leads(:dealer, :as_of, :at_most) AS leads', answer: 'row',
    },
    {
        name: 'open_leads', method: 'GET', path: '/api/leads/open', summary: 'Leads that have not ended, with their latest event, the most valuable first',
        parameters: { dealer, limit },
        sql: `SELECT l.lead_id, l.vehicle_id, l.customer_id, l.region, l.vehicle_class, l.model, l.version, l.as_of, l.risk, l.low, l.high, l.severity, l.priority, l.reason, l.channel,
                     l.expected_value, l.revenue, l.created_by, l.created_at, e.event, e.happened_at
              FROM tradeup_leads.open_lead o, tradeup_leads.lead l,
                   LATERAL (SELECT x.event, x.happened_at FROM tradeup_leads.lead_event x WHERE x.lead_id = l.lead_id ORDER BY x.seq DESC LIMIT 1) e
              WHERE o.dealer = :dealer AND l.lead_id = o.lead_id ORDER BY l.expected_value DESC NULLS LAST, l.lead_id LIMIT :limit`,
        answer: 'rows',
    },
    {
        name: 'lead_statistics', method: 'GET', path: '/api/leads/statistics', summary: 'Leads by day and priority: contacted, serviced, revenue, messages',
        parameters: { dealer, limit },
        sql: `SELECT s.day, s.priority, s.leads, s.contacted, s.scheduled, s.serviced, s.abandoned, s.revenue, s.messages, s.waiting, s.sent, s.sent_as_template, s.seconds_to_sent
              FROM tradeup_leads.lead_statistics s WHERE s.dealer = :dealer ORDER BY s.day DESC, s.priority LIMIT :limit`,
        answer: 'rows', long: true,
    },
    {
        name: 'lead', method: 'GET', path: '/api/leads/:lead_id', summary: 'One lead',
        parameters: { lead_id: leadId },
        sql: `SELECT l.lead_id, l.vehicle_id, l.customer_id, l.dealer, l.region, l.vehicle_class, l.model, l.version, l.cohort, l.evidence::text AS evidence, l.as_of, l.risk, l.low, l.high,
                     l.severity, l.percentile, l.priority, l.reason, l.channel, l.expected_value, l.parts, l.service, l.revenue, l.created_by, l.created_at
              FROM tradeup_leads.lead l WHERE l.lead_id = :lead_id`,
        answer: 'row', missing: 'the lead',
    },
    {
        name: 'lead_events', method: 'GET', path: '/api/leads/:lead_id/events', summary: 'What became of a lead',
        parameters: { lead_id: leadId },
        sql: 'SELECT e.seq, e.event, e.happened_at, e.happened_by, e.note FROM tradeup_leads.lead_event e WHERE e.lead_id = :lead_id ORDER BY e.seq', answer: 'rows',
    },
    {
        name: 'record_lead_event', method: 'POST', path: '/api/leads/:lead_id/events', status: 201, isRead: false, summary: 'Records an event of a lead',
        parameters: {
            lead_id: leadId, note,
            event: word('What happened', { of: ['queued', 'contacted', 'engaged', 'scheduled', 'arrived', 'serviced', 'closed', 'abandoned'], required: true }),
        },
        sql: 'SELECT tradeup_leads.record_lead_event(:lead_id, :event, :note) AS seq', answer: 'row',
    },
    {
        name: 'fleet_dealers', method: 'GET', path: '/api/fleet/dealers', summary: 'Dealers that look after vehicles, as far as the role sees them', long: true,
        sql: 'SELECT v.dealer, count(*) AS vehicles FROM tradeup_leads.owned_vehicle v GROUP BY v.dealer ORDER BY v.dealer', answer: 'rows',
    },
    {
        name: 'fleet_risk', method: 'GET', path: '/api/fleet/risk', summary: 'What toggles do to a whole fleet, by severity',
        parameters: { dealer, toggles, at_most: integer('Vehicles of each class that are named', { least: 0, most: 100, default: 0 }), model },
        sql: 'SELECT f.* FROM tradeup_leads.fleet_risk(:dealer, :toggles, :at_most, :model) f', answer: 'rows', long: true,
    },
    {
        name: 'idle_toggles', method: 'GET', path: '/api/fleet/idle-toggles', summary: 'Toggles that would change nothing, and why',
        parameters: { dealer, toggles: { ...toggles, required: true }, model },
        sql: 'SELECT t.stressor, t.reason FROM tradeup_leads.toggles_without_effect(:dealer, :toggles, :model) t ORDER BY t.stressor', answer: 'rows',
    },
    {
        name: 'toggles', method: 'GET', path: '/api/fleet/toggles', summary: 'Stressors that are on for a dealer, and how many vehicles have them',
        parameters: { dealer },
        sql: `SELECT t.model, t.version, t.stressor, t.title, t.enabled, t.vehicles FROM tradeup_leads.stressor_toggles t WHERE t.dealer = :dealer ORDER BY t.model, t.stressor`, answer: 'rows',
    },
    {
        name: 'set_toggle', method: 'PUT', path: '/api/fleet/toggles', isRead: false, summary: 'Keeps a toggle, which leads then follow',
        parameters: { dealer, model: named, stressor: text('The stressor', { required: true }), enabled: flag('On or off', { required: true }) },
        sql: `INSERT INTO tradeup_leads.stressor_toggle AS t (dealer, model, stressor, enabled) VALUES (:dealer, :model, :stressor, :enabled)
              ON CONFLICT (dealer, model, stressor) DO UPDATE SET enabled = EXCLUDED.enabled RETURNING t.*`,
        answer: 'row',
    },
    {
        name: 'fleet', method: 'GET', path: '/api/fleet/vehicles', summary: 'Vehicles that a dealer looks after',
        parameters: { dealer, after: text('The last vehicle of the page before', { longest: 300 }), limit },
        sql: `SELECT v.vehicle_id, v.customer_id, v.vehicle_class, v.region, v.model_year, v.odometer, v.model, v.cohort, v.evidence::text AS evidence, v.observed_at, v.sold_on
              FROM tradeup_leads.owned_vehicle v WHERE v.dealer = :dealer AND (:after IS NULL OR v.vehicle_id > :after) ORDER BY v.vehicle_id LIMIT :limit`,
        answer: 'rows',
    },
    {
        name: 'explain_risk', method: 'GET', path: '/api/fleet/vehicles/:vehicle_id/risk', summary: 'Why a vehicle scores as it does, stressor by stressor',
        parameters: { vehicle_id: text('The vehicle', { required: true, longest: 300 }) },
        sql: `SELECT e.*, (SELECT x.title FROM tradeup_leads.current_model m, tradeup_leads.stressor x
                           WHERE m.name = v.model AND x.model = m.name AND x.version = m.version AND x.stressor = e.stressor) AS title
              FROM tradeup_leads.owned_vehicle v, tradeup_leads.scorers(v.model) s, tradeup_leads.explain_risk(s.scorer, v.evidence) e
              WHERE v.vehicle_id = :vehicle_id AND s.cohort = v.cohort ORDER BY e.position`,
        answer: 'rows',
    },
    {
        name: 'observe_fleet', method: 'POST', path: '/api/fleet/observations', isRead: false, long: true, summary: 'Turns the newest measures of a dealer\'s vehicles into evidence',
        parameters: { dealer, as_of: asOf }, sql: 'SELECT tradeup_leads.observe_vehicles(:dealer, :as_of) AS vehicles', answer: 'row',
    },
    {
        name: 'messages', method: 'GET', path: '/api/messages', summary: 'Messages of a dealer, the latest first',
        parameters: { dealer, state: text('In one state'), before: long('The last number of the page before'), limit },
        sql: `SELECT m.message_id, m.lead_id, m.customer_id, m.channel, m.priority, m.text, m.fallback, m.state, m.stage, m.attempts, m.due_at, m.reason, m.queued_at, m.written_at, m.sent_at
              FROM tradeup_leads.message m WHERE m.dealer = :dealer AND (:state IS NULL OR m.state = :state) AND (:before IS NULL OR m.message_id < :before)
              ORDER BY m.message_id DESC LIMIT :limit`,
        answer: 'rows',
    },
    {
        name: 'queue_messages', method: 'POST', path: '/api/messages', status: 201, isRead: false, summary: 'Queues a message for each open lead of a dealer',
        parameters: { dealer, at_most: integer('How many at most', { least: 0, default: 1000 }) },
        sql: 'SELECT tradeup_leads.queue_messages(:dealer, :at_most) AS queued', answer: 'row', long: true,
    },
    {
        name: 'take_messages', method: 'POST', path: '/api/messages/take', isRead: false, summary: 'Leases messages to a worker that writes or sends them',
        parameters: {
            worker: text('Name of the worker', { required: true, longest: 300 }), at_most: integer('How many at most', { least: 1, most: 1000, default: 10 }),
            stage: word('What is to be done', { of: ['write', 'send'], default: 'write' }), lease_seconds: integer('Seconds of the lease', { least: 1, default: 300 }),
        },
        sql: 'SELECT t.* FROM tradeup_leads.take_messages(:worker, :at_most, :stage, :lease_seconds) t', answer: 'rows',
    },
    {
        name: 'finish_message', method: 'POST', path: '/api/messages/:message_id/finish', isRead: false, summary: 'A leased message is written, or sent',
        parameters: { message_id: messageId, lease, text: text('The text that was written', { longest: 10000 }) },
        sql: 'SELECT tradeup_leads.finish_message(:message_id, :lease, :text) AS state', answer: 'row',
    },
    {
        name: 'fail_message', method: 'POST', path: '/api/messages/:message_id/fail', isRead: false, summary: 'An attempt at a leased message has failed',
        parameters: { message_id: messageId, lease, reason: text('Why', { required: true }) },
        sql: 'SELECT tradeup_leads.fail_message(:message_id, :lease, :reason) AS state', answer: 'row',
    },
    {
        name: 'allow_contact', method: 'POST', path: '/api/contact-permissions', status: 201, isRead: false, summary: 'Records that a customer allows a channel, or does not',
        parameters: { customer_id: text('The customer', { required: true, longest: 300 }), channel: text('The channel', { required: true }), allowed: flag('Whether it is allowed', { required: true }), note },
        sql: 'SELECT tradeup_leads.allow_contact(:customer_id, :channel, :allowed, :note) AS permission_id', answer: 'row',
    },
    {
        name: 'predict', method: 'POST', path: '/api/predictions', status: 201, isRead: false, long: true, summary: 'Freezes the risk of every vehicle of a dealer for a day',
        parameters: { dealer, as_of: asOf }, sql: 'SELECT tradeup_leads.predict(:dealer, :as_of) AS predictions', answer: 'row',
    },
    {
        name: 'record_outcome', method: 'POST', path: '/api/outcomes', status: 201, isRead: false, summary: 'Records what happened to a vehicle',
        parameters: { vehicle_id: text('The vehicle', { required: true, longest: 300 }), cause: text('Cause, that of the model', { required: true }), ...watched },
        sql: 'SELECT tradeup_leads.record_outcome(:vehicle_id, :cause, :watched_from, :watched_to, :failed_at, :note) AS outcome_id', answer: 'row',
    },
    {
        name: 'correct_outcome', method: 'POST', path: '/api/outcomes/:outcome_id/correction', status: 201, isRead: false, summary: 'Replaces an outcome by a new one',
        parameters: { outcome_id: long('Number of the outcome', { required: true }), ...watched },
        sql: 'SELECT tradeup_leads.correct_outcome(:outcome_id, :watched_from, :watched_to, :failed_at, :note) AS outcome_id', answer: 'row',
    },
    {
        name: 'outcomes', method: 'GET', path: '/api/outcomes', summary: 'Outcomes that stand, by vehicle',
        parameters: { dealer, after: text('The last vehicle of the page before', { longest: 300 }), limit },
        sql: `SELECT o.outcome_id, o.vehicle_id, o.cause, o.watched_from, o.watched_to, o.failed_at FROM tradeup_leads.current_outcome o
              WHERE o.dealer = :dealer AND (:after IS NULL OR o.vehicle_id > :after) ORDER BY o.vehicle_id, o.outcome_id LIMIT :limit`,
        answer: 'rows',
    },
    {
        name: 'calibration', method: 'GET', path: '/api/calibration', summary: 'Whether a model\'s predictions came true, in figures',
        parameters: { model: named },
        sql: `SELECT (c.figures).* FROM (SELECT tradeup_leads.calibration(j.p, CASE WHEN NOT j.censored THEN j.failed END) AS figures FROM tradeup_leads.judged_prediction j WHERE j.model = :model) c`,
        answer: 'row', long: true,
    },
    {
        name: 'reliability', method: 'GET', path: '/api/calibration/reliability', summary: 'The same as a curve: predicted against observed, in bins',
        parameters: { model: named, bins: integer('Bins', { least: 1, most: 100, default: 10 }) },
        sql: `SELECT r.* FROM (SELECT tradeup_leads.reliability(j.p, CASE WHEN NOT j.censored THEN j.failed END, :bins) AS bins FROM tradeup_leads.judged_prediction j WHERE j.model = :model) c, unnest(c.bins) r`,
        answer: 'rows', long: true,
    },
    {
        name: 'risk_models', method: 'GET', path: '/api/risk-models', summary: 'Models in force',
        sql: `SELECT m.name, m.version, m.title, m.cause, m.horizon_months, m.severities, m.severity_from, m.source, m.published_at FROM tradeup_leads.current_model m ORDER BY m.name`, answer: 'rows',
    },
    {
        name: 'risk_model', method: 'GET', path: '/api/risk-models/:name', summary: 'A model as a document',
        parameters: { name: named, version: integer('Version; without it the current one', { least: 1 }) },
        sql: 'SELECT tradeup_leads.model_to_json(:name, :version) AS document', answer: 'document', missing: 'the model',
    },
    {
        name: 'risk_model_problems', method: 'POST', path: '/api/risk-models/problems', isRead: true, summary: 'Everything that is wrong with a model, each with its path',
        parameters: { document: json('A model to check', { of: 'any', required: true }) },
        sql: 'SELECT p.path, p.problem FROM tradeup_leads.model_problems(:document) p', answer: 'rows',
    },
    {
        name: 'publish_risk_document', method: 'POST', path: '/api/risk-models', status: 201, isRead: false, summary: 'Publishes a model as a new version',
        parameters: { document }, sql: `SELECT :document ->> 'name' AS name, tradeup_leads.model_from_json(:document) AS version`, answer: 'row',
    },
    {
        name: 'publish_risk_model', method: 'POST', path: '/api/risk-models/:name/publish', isRead: false, summary: 'Publishes a draft that stands in the tables',
        parameters: { name: named, version: integer('The draft', { least: 1, default: 1 }) }, sql: 'SELECT tradeup_leads.publish_model(:name, :version) AS published_at', answer: 'row',
    },
];

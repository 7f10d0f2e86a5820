// Finance programs: what is in force, documents to check, publish and compare.

import { integer, json, text } from '../types.js';

const name = text('Name of the program', { required: true, longest: 300 });
const version = integer('Version; without it the current one', { least: 1 });
const document = json('A whole program, as GET /api/programs/schema says', { required: true });

export default [
    {
        name: 'programs', method: 'GET', path: '/api/programs', summary: 'Programs in force, each in its current version, and drafts of new programs, which have no published_at',
        sql: `SELECT p.name, p.version, p.title, p.currency, p.published_at, p.profile_count, p.term_count, p.tier_count, p.tiers,
                     EXISTS (SELECT FROM tradeup.program_default d WHERE d.program = p.name) AS is_default
              FROM tradeup.current_program p
              UNION ALL
              SELECT p.name, p.version, p.title, p.currency, NULL, NULL, NULL, NULL, NULL, false FROM tradeup.program p
              WHERE p.published_at IS NULL AND NOT EXISTS (SELECT FROM tradeup.program q WHERE q.name = p.name AND q.published_at IS NOT NULL)
              ORDER BY name, version`,
        answer: 'rows',
    },
    {
        name: 'program_schema', method: 'GET', path: '/api/programs/schema', summary: 'The JSON schema of a program',
        sql: 'SELECT tradeup.program_schema() AS document', answer: 'document',
    },
    {
        name: 'default_program', method: 'GET', path: '/api/programs/default', summary: 'The program of customers that have none of their own',
        sql: 'SELECT d.program FROM tradeup.program_default d', answer: 'row', missing: 'a default program',
    },
    {
        name: 'set_default_program', method: 'PUT', path: '/api/programs/default', isRead: false, summary: 'Marks the default program',
        parameters: { program: name }, sql: 'SELECT tradeup.set_default_program(:program)', answer: 'nothing',
    },
    {
        name: 'program_problems', method: 'POST', path: '/api/programs/problems', isRead: true, summary: 'Everything that is wrong with a program, each with its path',
        parameters: { document: json('A program to check', { of: 'any', required: true }) },
        sql: 'SELECT p.path, p.problem FROM tradeup.program_problems(:document) p', answer: 'rows',
    },
    {
        name: 'publish_document', method: 'POST', path: '/api/programs', status: 201, isRead: false, summary: 'Publishes a program as a new version',
        parameters: { document }, sql: `SELECT :document ->> 'name' AS name, tradeup.program_from_json(:document) AS version`, answer: 'row',
    },
    {
        name: 'compare_documents', method: 'POST', path: '/api/programs/compare', isRead: true, summary: 'What differs between two programs',
        parameters: { a: json('A program', { required: true }), b: json('Another', { required: true }) },
        sql: 'SELECT d.path, d.value_a, d.value_b FROM tradeup.program_diff(:a, :b) d', answer: 'rows',
    },
    {
        name: 'versions', method: 'GET', path: '/api/programs/:name/versions', summary: 'All versions of a program, drafts included',
        parameters: { name },
        sql: `SELECT p.version, p.title, p.currency, p.published_at, p.valid_from, p.valid_to FROM tradeup.program p WHERE p.name = :name ORDER BY p.version DESC`,
        answer: 'rows',
    },
    {
        name: 'program', method: 'GET', path: '/api/programs/:name', summary: 'A program as a document',
        parameters: { name, version }, sql: 'SELECT tradeup.program_to_json(:name, :version) AS document', answer: 'document', missing: 'the program',
    },
    {
        name: 'rate_sheet', method: 'GET', path: '/api/programs/:name/rates', summary: 'Rates by profile and term',
        parameters: { name },
        sql: `SELECT r.profile, r.term, r.annual_rate + r.rate_adjustment AS annual_rate, r.down_payment_rate, r.insurance
              FROM tradeup.rate_sheet r, tradeup.current_program p WHERE p.name = :name AND r.name = p.name AND r.version = p.version
              ORDER BY r.profile, r.term`,
        answer: 'rows',
    },
    {
        name: 'program_diff', method: 'GET', path: '/api/programs/:name/diff', summary: 'What differs between two versions of a program',
        parameters: { name, from_version: integer('A version', { required: true, least: 1 }), to_version: integer('Another; without it the current one', { least: 1 }) },
        sql: 'SELECT d.path, d.value_a, d.value_b FROM tradeup.program_diff(:name, :from_version, :to_version) d', answer: 'rows',
    },
    {
        name: 'publish_program', method: 'POST', path: '/api/programs/:name/publish', isRead: false, summary: 'Publishes a draft that stands in the tables',
        parameters: { name, version: integer('The draft', { least: 1, default: 1 }) }, sql: 'SELECT tradeup.publish_program(:name, :version) AS published_at', answer: 'row',
    },
];

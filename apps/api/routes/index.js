// The table of routes.

import { compile } from '../route.js';
import customers from './customers.js';
import deals from './deals.js';
import health from './health.js';
import leads from './leads.js';
import offers from './offers.js';
import portfolio from './portfolio.js';
import programs from './programs.js';
import quotes from './quotes.js';
import search from './search.js';
import shops from './shops.js';
import statistics from './statistics.js';
import uploads from './uploads.js';
import vehicles from './vehicles.js';

// Subjects of other extensions than tradeup: without them in the database, their addresses are 501.
const EXTENSIONS = { leads: 'tradeup_leads', shops: 'tradeup_bundles' };
const subjects = { health, customers, offers, search, deals, portfolio, quotes, programs, vehicles, uploads, statistics, leads, shops };

export const routes = Object.entries(subjects).flatMap(([subject, entries]) => entries.map((entry) => compile({ subject, extension: EXTENSIONS[subject] ?? 'tradeup', ...entry })));

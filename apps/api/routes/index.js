// The table of routes.

import { compile } from '../route.js';
import customers from './customers.js';
import deals from './deals.js';
import health from './health.js';
import offers from './offers.js';
import portfolio from './portfolio.js';
import programs from './programs.js';
import quotes from './quotes.js';
import search from './search.js';
import statistics from './statistics.js';
import uploads from './uploads.js';
import vehicles from './vehicles.js';

const subjects = { health, customers, offers, search, deals, portfolio, quotes, programs, vehicles, uploads, statistics };

export const routes = Object.entries(subjects).flatMap(([subject, entries]) => entries.map((entry) => compile({ subject, ...entry })));

// Deals and loans without a stored customer.

import { date, integer, json, number, text, word } from '../types.js';

const terms = {
    annual_rate: number('Yearly rate, a fraction: 0.049 is 4.9 percent'), annual_percent: number('The same as a percentage'),
    term: integer('Months', { required: true, least: 1, most: 480 }), equity: number('Equity', { default: 0 }), current_payment: number('What she pays a month now'),
    current_price: number('Price of her vehicle'), down_payment_rate: number('Least down payment, of the price', { default: 0 }),
    service_fee_rate: number('Service fee, of the price', { default: 0 }), terms: json('All other terms by name, such as {"document_fee": 80, "tiers": "Less [,0), More [0,]"}'),
};
const DEAL = 'tradeup.deal(:annual_rate, :term, :equity, :current_payment, :current_price, :down_payment_rate, :service_fee_rate, :terms, :annual_percent)';
const price = number('Price', { required: true });
const loan = {
    principal: number('Amount of the loan', { required: true }), annual_rate: number('Yearly rate, a fraction'), annual_percent: number('The same as a percentage'),
    term: integer('Number of payments', { required: true, least: 1, most: 480 }),
    frequency: word('How often is paid', { of: ['monthly', 'semimonthly', 'bi-weekly', 'weekly', 'quarterly', 'semiannually', 'yearly'], default: 'monthly' }),
    start_date: date('Day of the loan'), first_payment: date('Day of the first payment'), extra: number('Paid with each payment on top', { default: 0 }),
    terms: json('Other terms, such as {"balloon": 500}'),
};

export default [
    {
        name: 'price_deal', method: 'POST', path: '/api/deals/price', summary: 'Every amount of a deal at a price',
        parameters: { ...terms, price },
        sql: `SELECT :price AS price, tradeup.payment(d, :price) AS payment, tradeup.payment_frequency(d) AS payment_frequency, tradeup.monthly_payment(d, :price) AS monthly_payment,
                     tradeup.payment_change(d, :price) AS payment_change, tradeup.tier(d, :price) AS tier, tradeup.eligible(d, :price) AS eligible,
                     tradeup.loan_amount(d, :price) AS loan_amount, tradeup.effective_equity(d, :price) AS effective_equity, tradeup.service_fee(d, :price) AS service_fee,
                     tradeup.opening_fee(d, :price) AS opening_fee, tradeup.margin(d, :price) AS margin, tradeup.due_at_signing(d, :price) AS due_at_signing, d::text AS deal
              FROM ${DEAL} d`,
        answer: 'row', isRead: true,
    },
    {
        name: 'solve_deal', method: 'POST', path: '/api/deals/solve', summary: 'The figure of a deal that leads to a payment, a change or a tier',
        parameters: {
            ...terms, price,
            solve_for: word('The figure', { of: ['bonus', 'down_payment', 'service_fee', 'opening_fee', 'rate', 'term', 'price'], required: true }),
            payment: number('Target: at most this payment'), payment_change: number('Target: at most this change'), tier: text('Target: this tier'),
            lowest: number('Lowest value'), highest: number('Highest value'),
        },
        sql: `SELECT :solve_for AS solve_for, s.value, s.possible, s.eligible, s.price, s.payment, s.payment_change, s.tier, s.deal::text AS deal, s.explanation
              FROM tradeup.solve(${DEAL}, :price, :solve_for, :payment, :payment_change, :tier, :lowest, :highest) s`,
        answer: 'row', isRead: true,
    },
    {
        name: 'schedule_deal', method: 'POST', path: '/api/deals/schedule', summary: 'The payments of a deal',
        parameters: { ...terms, price }, sql: `SELECT s.* FROM tradeup.schedule(${DEAL}, :price) s ORDER BY s.number`, answer: 'rows', isRead: true,
    },
    {
        name: 'sheet_deal', method: 'POST', path: '/api/deals/sheet', summary: 'The worksheet of a deal',
        parameters: { ...terms, price }, sql: `SELECT s.* FROM tradeup.deal_sheet(${DEAL}, :price) s ORDER BY s.place`, answer: 'rows', isRead: true,
    },
    {
        name: 'windows_deal', method: 'POST', path: '/api/deals/windows', summary: 'The prices at which each tier of a deal begins and ends',
        parameters: terms, sql: `SELECT w.tier, w.rank, w.lowest_price, w.highest_price FROM tradeup.windows(${DEAL}) w ORDER BY w.lowest_price`, answer: 'rows', isRead: true,
    },
    {
        name: 'refusal_deal', method: 'POST', path: '/api/deals/refusal', summary: 'Why a deal makes no offer at a price; rule is null when it does',
        parameters: { ...terms, price }, sql: `SELECT r.* FROM tradeup.refusal(${DEAL}, :price) r`, answer: 'row', isRead: true,
    },
    {
        name: 'dearest_price', method: 'POST', path: '/api/deals/dearest-price', summary: 'The dearest price whose payment is at most this one',
        parameters: { ...terms, payment: number('Payment', { required: true }) },
        sql: `SELECT tradeup.price_for_payment(${DEAL}, :payment) AS price`, answer: 'row', isRead: true,
    },
    {
        name: 'amortization', method: 'POST', path: '/api/loans/amortization', summary: 'The payments of a plain loan',
        parameters: loan,
        sql: `SELECT a.* FROM tradeup.amortization(:principal, :annual_rate, :term, :frequency, :start_date, :first_payment, :extra, :terms, :annual_percent) a ORDER BY a.period`,
        answer: 'rows', isRead: true,
    },
    {
        name: 'loan_years', method: 'POST', path: '/api/loans/years', summary: 'The same, added up by calendar year',
        parameters: { ...loan, start_date: date('Day of the loan', { required: true }) },
        sql: `SELECT a.* FROM tradeup.loan_totals(:principal, :annual_rate, :term, :frequency, :start_date, :first_payment, :extra, :terms, :annual_percent) a ORDER BY a.year`,
        answer: 'rows', isRead: true,
    },
    {
        name: 'payoff', method: 'POST', path: '/api/loans/payoff', summary: 'What pays off a loan on a day',
        parameters: { ...loan, on_date: date('The day', { required: true }), start_date: date('Day of the loan', { required: true }) },
        sql: `SELECT p.* FROM tradeup.payoff(:principal, :annual_rate, :term, :on_date, :start_date, :first_payment, :frequency, :extra, :terms, :annual_percent) p`,
        answer: 'row', isRead: true,
    },
    {
        name: 'apr', method: 'POST', path: '/api/loans/apr', summary: 'Annual percentage rate of equal payments (Regulation Z), a fraction',
        parameters: {
            amount: number('Amount advanced', { required: true }), payment: number('Payment', { required: true }), payments: integer('How many', { required: true, least: 1, most: 2000 }),
            start_date: date('Day of the advance', { required: true }), first_payment: date('Day of the first payment', { required: true }), frequency: loan.frequency,
            prepaid_finance_charge: number('Finance charge paid in advance', { default: 0 }), last_payment: number('Last payment, where it differs'),
        },
        sql: 'SELECT tradeup.apr(:amount, :payment, :payments, :start_date, :first_payment, :frequency, :prepaid_finance_charge, :last_payment) AS apr',
        answer: 'row', isRead: true,
    },
];

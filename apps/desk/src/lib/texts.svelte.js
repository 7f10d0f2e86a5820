// The texts of the pages, in files, and numbers as the language writes them.

import * as formats from './format.js';
import en from '../texts/en.json';

export const LANGUAGES = { en: 'English', es: 'Español' };
const KEY = 'tradeup.language';
// In English the words of the database are its own; other languages have a file of them.
const others = { es: () => Promise.all([import('../texts/words.es.json'), import('../texts/es.json')]) };

class Words {
    language = $state('en');
    texts = $state.raw(en);

    async use(language) {
        this.texts = language === 'en' ? en : Object.assign({}, ...(await others[language]()).map((file) => file.default));
        this.language = language;
        document.documentElement.lang = language;
        try {
            localStorage.setItem(KEY, language);
        } catch {
            // Then it is chosen anew next time.
        }
    }
}
const words = new Words();

export const language = () => words.language;
export const useLanguage = (chosen) => words.use(chosen);

export async function firstLanguage() {
    let chosen;
    try {
        chosen = localStorage.getItem(KEY);
    } catch {
        chosen = null;
    }
    await words.use(LANGUAGES[chosen] ? chosen : navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => LANGUAGES[tag]) ?? 'en');
}

// The text of a key; {name} is replaced. A key without a text is shown as it is.
export const t = (key, values = {}) => (words.texts[key] ?? key).replace(/{(\w+)}/g, (_, name) => values[name] ?? '');
// A word of the database, such as a state, a rule or a tier, in the language where there is one; else as it stands.
export const w = (kind, value) => words.texts[`${kind}.${value}`] ?? value;

// Numbers and days are written as in the country of the browser, where it speaks the language: 1,234.50 in Mexico, 1.234,50 in Spain.
const locale = () => navigator.languages.find((tag) => tag.startsWith(words.language)) ?? words.language;
const inLanguage = (show) => (...values) => show(locale(), ...values);
export const money = inLanguage(formats.money);
export const count = inLanguage(formats.count);
export const number = inLanguage(formats.number);
export const percent = inLanguage(formats.percent);
export const change = inLanguage(formats.change);
export const difference = inLanguage(formats.difference);
export const distance = inLanguage(formats.distance);
export const moment = inLanguage(formats.moment);

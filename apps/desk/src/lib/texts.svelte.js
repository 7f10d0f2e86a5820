// The texts of the pages, in files, and numbers as the language writes them.

import * as formats from './format.js';
import en from '../texts/en.json';

export const LANGUAGES = { en: 'English', es: 'Español' };
const KEY = 'tradeup.language';
const others = { es: () => import('../texts/es.json') };

class Words {
    language = $state('en');
    texts = $state.raw(en);

    async use(language) {
        this.texts = language === 'en' ? en : (await others[language]()).default;
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
// A word of the data, such as a state or a rule, in the language if there is one.
export const w = (kind, value) => words.texts[`${kind}.${value}`] ?? value;

const inLanguage = (show) => (...values) => show(words.language, ...values);
export const money = inLanguage(formats.money);
export const count = inLanguage(formats.count);
export const number = inLanguage(formats.number);
export const percent = inLanguage(formats.percent);
export const change = inLanguage(formats.change);
export const difference = inLanguage(formats.difference);
export const moment = inLanguage(formats.moment);

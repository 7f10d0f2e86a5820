import { mount } from 'svelte';
import App from './App.svelte';
import { firstLanguage } from './lib/texts.svelte.js';
import './style.css';

await firstLanguage();
mount(App, { target: document.getElementById('app') });

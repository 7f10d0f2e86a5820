// What changed in the database, heard once for all pages.

import { send } from './api.js';
import { session } from './session.svelte.js';
import { listen } from './stream.js';

class News {
    // null until the first answer, so that nothing flickers at the start.
    connected = $state(null);
    #followers = new Set();
    #end = null;

    // A connection that comes back is tried at once, and not only when the next try is due.
    constructor() {
        addEventListener('online', () => this.#end && this.start());
    }

    start() {
        this.stop();
        this.#end = listen((headers, signal) => send('GET', '/api/events', { headers, signal }), {
            connected: (is) => {
                this.connected = is;
            },
            tell: (type, event) => {
                if (type === 'expired') {
                    session.expire();
                } else if (type !== 'hello') {
                    this.#followers.forEach((follower) => follower(type, event));
                }
            },
        });
    }

    stop() {
        this.#end?.();
        this.#end = null;
        this.connected = null;
    }

    // Returns how to stop following.
    follow(follower) {
        this.#followers.add(follower);
        return () => this.#followers.delete(follower);
    }
}

export const news = new News();

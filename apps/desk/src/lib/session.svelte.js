// Who is logged in: a token, and what its role may do.

const KEY = 'tradeup.token';
const stored = () => {
    try {
        return sessionStorage.getItem(KEY);
    } catch {
        return null;
    }
};

class Session {
    token = $state(stored());
    rights = $state(null);
    // Why the page of the login is shown: null, or expired.
    reason = $state(null);

    start(token, rights) {
        this.token = token;
        this.rights = rights;
        this.reason = null;
        sessionStorage.setItem(KEY, token);
    }

    end(reason = null) {
        this.token = null;
        this.rights = null;
        this.reason = reason;
        sessionStorage.removeItem(KEY);
    }

    expire() {
        this.end('expired');
    }
}

export const session = new Session();

// Asks one question at a time. While an answer is awaited only the newest question is kept, so that a slider that is dragged
// asks as fast as the server answers, and the last position is always asked.

export function latest(ask, { done, failed }) {
    let asking = false;
    let kept = null;
    let number = 0;
    async function run(question) {
        asking = true;
        const mine = number;
        try {
            const answer = await ask(question);
            if (mine === number) {
                done(answer, question);
            }
        } catch (error) {
            if (mine === number && !kept) {
                failed(error, question);
            }
        }
        asking = false;
        if (kept) {
            const [next] = kept;
            kept = null;
            run(next);
        }
    }
    function put(question) {
        if (asking) {
            kept = [question];
        } else {
            run(question);
        }
    }
    // What is under way, or kept, is of no interest any more.
    put.forget = () => {
        number += 1;
        kept = null;
    };
    return put;
}

// A chart as wide as its place, or a sentence where there are no rows.
import * as Plot from '@observablehq/plot';

export { Plot };

export function chart(rows, width, title, options) {
    if (rows.length === 0) {
        const said = document.createElement('p');
        said.textContent = 'No rows yet, or the extension is not installed.';
        return said;
    }
    return Plot.plot({ width, ariaLabel: title, marginLeft: 70, marginRight: 70, ...options });
}

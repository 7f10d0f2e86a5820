// Cells of a CSV file, as RFC 4180 has them, from text that comes in pieces: quoted cells may have delimiters, line ends and
// doubled quotes. Blank lines are left out.

import { notValid } from './errors.js';

export class Csv {
    constructor(delimiter, mostCells = 500, mostCharacters = 100_000) {
        Object.assign(this, { delimiter, mostCells, mostCharacters });
        this.row = [];
        this.cell = '';
        this.rows = [];
        // plain, quoted, or ended: a quote that may end the cell or be the first of two.
        this.state = 'start';
        this.line = 1;
    }

    endCell() {
        this.row.push(this.cell);
        this.cell = '';
        this.state = 'start';
        if (this.row.length > this.mostCells) {
            throw notValid(`a line has more than ${this.mostCells} cells`, `Line ${this.line}.`);
        }
    }

    endRow() {
        this.endCell();
        if (this.row.length > 1 || this.row[0] !== '') {
            this.rows.push(this.row);
        }
        this.row = [];
        this.line += 1;
    }

    write(text) {
        for (const c of text) {
            if (this.state === 'quoted') {
                if (c === '"') {
                    this.state = 'ended';
                } else {
                    this.cell += c;
                }
            } else if (c === '"' && (this.state === 'start' || this.state === 'ended')) {
                if (this.state === 'ended') {
                    this.cell += c;
                }
                this.state = 'quoted';
            } else if (c === this.delimiter) {
                this.endCell();
            } else if (c === '\n') {
                this.endRow();
            } else if (c !== '\r') {
                this.cell += c;
                this.state = 'plain';
            }
            if (this.cell.length > this.mostCharacters) {
                throw notValid(`a cell has more than ${this.mostCharacters} characters`, `Line ${this.line}.`, 'Perhaps a quote is not closed.');
            }
        }
    }

    end() {
        if (this.state === 'quoted') {
            throw notValid('a quote is not closed', `Line ${this.line} is the last.`);
        }
        if (this.cell !== '' || this.row.length > 0) {
            this.endRow();
        }
    }

    take() {
        const { rows } = this;
        this.rows = [];
        return rows;
    }
}

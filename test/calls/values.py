"""Values of a type, as SQL expressions: what a user means, what she could mean, and what nobody means."""
import json
import re

from corpus import quoted

INTEGERS = {'smallint': 15, 'integer': 31, 'bigint': 63}
NUMBERS = ['0', '1', '2', '12', '24', '36', '48', '60', '72', '84', '480', '0.01', '0.05', '0.06', '0.0599', '0.1949', '0.16', '0.5', '3',
           '10', '100', '380', '463.88', '1000', '5000', '17500', '24000', '100000', '250000.55', '1000000', '-100', '-1', '-0.05',
           '2024']
NASTY_NUMBERS = ['0', '-0', '-1', '0.000000000000000001', '1e-400', '-1e-16000', '0.5e-2', '99999999999999.99',
                 '999999999999.994999999999', '9223372036854775807', '9223372036854775808', '-9223372036854775808',
                 '92233720368547758.07', '92233720368547758.08', '1e18', '1e19', '1e30', '1e100', '1e308', '1e309', '1e1000', '1e131071',
                 '-1e131071', 'NaN', 'Infinity', '-Infinity', '0.1234567890123456789', '1.000000000000000000000000000000000000001', '121',
                 '481', '100000000', '2147483647', '2147483648']
NASTY_FLOATS = ['0', '-0', '4.9e-324', '-4.9e-324', '2.2250738585072014e-308', '1.7976931348623157e308', '-1.7976931348623157e308', 'NaN',
                'Infinity', '-Infinity', '1e-17', '0.9999999999999999', '1.0000000000000002', '9007199254740993', '1e15', '1e16',
                '-1e300', '1e300']
DATES = ['2024-01-31', '2024-02-29', '2025-03-01', '2026-01-01', '2026-12-31', '2000-01-01', '1999-12-31', '2027-06-15']
NASTY_DATES = ['infinity', '-infinity', '4713-01-01 BC', '4714-11-24 BC', '5874897-12-31', '0001-01-01', '0001-12-31 BC', '9999-12-31',
               '10000-01-01', '1970-01-01', '2100-02-28', '2000-02-29', 'epoch']
NASTY_TIMES = ['infinity', '-infinity', '4713-01-01 00:00:00 BC', '294276-12-31 23:59:59', '2026-03-29 02:30:00', '2026-10-25 02:30:00',
               'epoch']
NASTY_INTERVALS = ['178000000 years', '-178000000 years', '1 month -30 days', '0', '-1 s', '2147483647 days']
# Of the test, not of the extensions.
RELATIONS = ['calls.valid', 'pg_catalog.pg_class', 'calls.target', 'calls.seen', 'calls.number', 'calls.target_index',
             'pg_toast.pg_toast_2619']
NASTY_TEXTS = ['', ' ', '\t', '\n', '\r\n', '\\', '\\N', "'", '"', '""', ',', ';', '{', '}', '{}', '[]', '{{}}', '{NULL}', '()', '(,)',
               '%', '%s%n%d', '_', '.', '..', '-', '--', '/*', '*/', '$1', '$$', 'NULL', 'null', 'true', 'NaN', 'Infinity', '0', '-0',
               '1e400', '0x7f', '1_000', '１２', '٣', '½', 'é', 'e\u0301', 'ß', 'İ', 'ı', 'ﬁ', '\u00a0', '\u2028', '\u200b', '\u202e',
               '\ufeff', '\ufffe', '\U0001f697', '\U0010ffff', '\x01', '\x7f', 'ü' * 70, 'a' * 63, 'a' * 64, 'a' * 200,
               '\U0001f697' * 200, 'A1', 'pg_class', 'pg_catalog.pg_class', 'public', '"', 'a.b.c.d', 'calls.valid', 'v1', 'v1 ', 'v2',
               'v1 {}', 'v1 {', 'v1 {1,}', 'v1 annual_rate=', '1=', '=1', '1=present 1=present', '99=1', '1=NaN', '2024-02-30',
               '/dev/null', '/dev/zero', '/', '.', '/proc/self/mem', 'postgres', 'calls_desk']
JSON_LEAVES = ['null', 'true', 'false', '0', '-0', '-1', '1', '0.5', '12', '1e400', '-1e400', '1e131071', '1e-16383',
               '9223372036854775808', '1.5e-7', '""', '" "', '"x"', '"1"', '"NaN"', '"Infinity"', '"2024-02-30"', '"infinity"',
               '"4713-01-01 BC"', '"\\ud83d\\ude97"', '"\\u00e9"', '[]', '{}', '[null]', '[[]]', '[1,2,3]', '["x","x"]', '[{}]',
               '{"":null}', '{"x":{"x":{}}}']
# Long ones cost time, so they are rare.
LONG_TEXTS = ["repeat('x', 1000000)", "repeat('ü', 300000)", "repeat('1,', 200000)", "repeat('{', 10000)", "repeat('v1 ', 30000)",
              "repeat('9', 100000)", "repeat(' ', 500000)", "repeat('{x}', 100000)", "repeat('1=present ', 20000)",
              "'v1 {' || repeat('1,', 100000) || '2}'", "repeat(E'a,b\\n', 100000)"]
LONG_DOCUMENTS = ["(repeat('[', 3000) || repeat(']', 3000))::jsonb", "(SELECT jsonb_agg(n) FROM generate_series(1, 50000) n)",
                  "(SELECT jsonb_object_agg('k' || n, n) FROM generate_series(1, 20000) n)", "to_jsonb(repeat('x', 1000000))",
                  "(repeat('{\"a\":', 2000) || '1' || repeat('}', 2000))::jsonb", "('1' || repeat('0', 100000))::jsonb"]

# Numbers that are short as they are written, and of many digits as they are shown.
LONG_NUMBER = re.compile(r'e[-+]?\d{4}')
# Many different elements, for what takes a time that grows faster than they do.
LONG_ARRAYS = {'text': "'k' || n", 'integer': 'n', 'bigint': 'n * 1000003::bigint', 'numeric': 'n * 1.01',
               'double precision': 'sin(n) * n', 'boolean': 'n % 3 = 0', 'date': "date '2000-01-01' + n",
               'tradeup.any_number': 'n % 1000 + 0.5', 'tradeup.any_date': "date '2000-01-01' + n % 20000",
               'tradeup.deal': 'tradeup.deal(0.0001 * (n % 3000), 1 + n % 400)'}
MADE_OF_MANY = {'tradeup.price_list': '(SELECT tradeup.price_list(n % 7919) FROM generate_series(1, 50000) n)',
                'tradeup.price_changes': '(SELECT tradeup.price_changes(array_agg(n % 7919), array_agg(n % 104729)) '
                                         'FROM generate_series(1, 50000) n)'}


def changed(rnd, text, corpus):
    """A text with one or a few changes."""
    for _ in range(rnd.choice((1, 1, 1, 2, 4))):
        at = rnd.randint(0, len(text))
        to = min(len(text), at + rnd.choice((1, 1, 2, 5, 20)))
        what = rnd.randrange(8)
        if what == 0:
            text = text[:at] + text[to:]
        elif what == 1:
            text = text[:to] + text[at:]
        elif what == 2:
            text = text[:at] + rnd.choice(NASTY_TEXTS) + text[at:]
        elif what == 3:
            text = text[:at] + rnd.choice(NASTY_TEXTS) + text[to:]
        elif what == 4:
            digits = [i for i, c in enumerate(text) if c.isdigit()]
            if digits:
                i = rnd.choice(digits)
                text = text[:i] + rnd.choice(NASTY_NUMBERS + NUMBERS) + text[i + 1:]
        elif what == 5:
            words = text.split(' ')
            rnd.shuffle(words)
            text = ' '.join(words)
        elif what == 6:
            other = rnd.choice(corpus.texts)
            text = text[:at] + other[len(other) // 2:]
        else:
            text = text[:at]
    return text.replace('\x00', '')


class Raw(float):
    """A number in JSON that is written as its text."""

    def __new__(cls, text):
        self = super().__new__(cls, 0)
        self.text = text
        return self

    def __repr__(self):
        return self.text


# json.dumps writes a subclass of float by float.__repr__, so we write ourselves.
def written(value):
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, dict):
        return '{' + ', '.join(json.dumps(k) + ': ' + written(v) for k, v in value.items()) + '}'
    if isinstance(value, list):
        return '[' + ', '.join(written(v) for v in value) + ']'
    return json.dumps(value)


class Values:
    def __init__(self, catalogue, corpus):
        self.catalogue = catalogue
        self.corpus = corpus
        # By type and by name of a column: what calls and tables have given (calls.gather).
        self.found = {}
        self.named = {}
        self.documents = []
        for text in corpus.documents:
            try:
                self.documents.append(json.loads(text, parse_float=Raw, parse_int=Raw, parse_constant=Raw))
            except ValueError:
                pass

    def document(self, rnd, nasty):
        """The text of a JSON document: one of the corpus, changed the more the nastier."""
        if nasty and rnd.random() < 0.15:
            return rnd.choice(JSON_LEAVES)
        value = rnd.choice(self.documents)
        text = written(value)
        for _ in range(rnd.choice((1, 2, 3)) if nasty else rnd.choice((0, 0, 1))):
            text = written(self.changed_document(rnd, json.loads(text, parse_float=Raw, parse_int=Raw, parse_constant=Raw)))
        return text

    def changed_document(self, rnd, value):
        if isinstance(value, (dict, list)) and value and rnd.random() < 0.75:
            at = rnd.choice(list(value)) if isinstance(value, dict) else rnd.randrange(len(value))
            what = rnd.randrange(6)
            if what == 0:
                del value[at]
            elif what == 1 and isinstance(value, dict):
                value[rnd.choice(self.corpus.keys)] = value.pop(at)
            elif what == 2:
                leaf = self.leaf(rnd)
                if isinstance(value, dict):
                    value[rnd.choice(self.corpus.keys)] = leaf
                else:
                    value.insert(at, leaf)
            else:
                value[at] = self.changed_document(rnd, value[at])
            return value
        if rnd.random() < 0.15:
            return [value, value] if rnd.random() < 0.5 else {rnd.choice(self.corpus.keys): value}
        return self.leaf(rnd)

    def leaf(self, rnd):
        what = rnd.random()
        if what < 0.004:
            return rnd.choice((list(range(20000)), [rnd.choice(self.documents)] * 300, {f'k{i}': i for i in range(3000)}, 'x' * 100000))
        if what < 0.4:
            text = rnd.choice(JSON_LEAVES)
        elif what < 0.6:
            text = rnd.choice(NUMBERS)
        elif what < 0.8:
            return rnd.choice(self.corpus.words)
        else:
            return rnd.choice(self.documents)
        return json.loads(text, parse_float=Raw, parse_int=Raw, parse_constant=Raw)

    def text(self, rnd, nasty):
        """A text that is no expression yet."""
        if nasty:
            what = rnd.random()
            if what < 0.45:
                return rnd.choice(NASTY_TEXTS)
            if what < 0.8:
                return changed(rnd, rnd.choice(self.corpus.texts), self.corpus)
            if what < 0.9:
                return ''.join(chr(rnd.choice((rnd.randint(1, 127), rnd.randint(160, 0xd7ff)))) for _ in range(rnd.randint(1, 30)))
            return self.document(rnd, True)
        return rnd.choice(self.corpus.words)

    def value(self, rnd, of, nastiness, name='', function='', place=None, depth=0):
        """An expression of the type `of`. nastiness: how often a part of it is nasty; name, function, place: those of the argument."""
        if rnd.random() < 0.015 + 0.1 * nastiness:
            return f'NULL::{of.name}'
        nasty = rnd.random() < nastiness
        if not nasty and function and rnd.random() < 0.6:
            known = self.corpus.arguments.get(function, {})
            known = known.get(name) or known.get(place)
            if known:
                return f'({rnd.choice(known)})::{of.name}' if rnd.random() < 0.5 else rnd.choice(known)
        if not nasty and rnd.random() < 0.5 and of.kind != 'p':
            found = self.named.get((name, of.oid)) or self.named.get((name + '_id', of.oid)) or self.found.get(of.oid)
            if found:
                return f'{quoted(rnd.choice(found))}::{of.name}'
        return self.made(rnd, of, nasty, nastiness, depth)

    def made(self, rnd, of, nasty, nastiness, depth):
        name = of.name
        if of.element:
            return self.array(rnd, of, nasty, nastiness, depth)
        if of.kind == 'c':
            return self.row(rnd, of, nasty, nastiness, depth)
        if of.kind == 'd':
            return f'({self.value(rnd, of.base, nastiness, depth=depth + 1)})::{name}'
        if of.kind == 'e':
            return f"{quoted(rnd.choice(of.labels + (['none'] if nasty else [])))}::{name}"
        if of.kind == 'p':
            return self.any_value(rnd, of, nastiness, depth)
        if name in INTEGERS:
            most = 2 ** INTEGERS[name]
            if nasty:
                number = rnd.choice((0, -1, most - 1, -most, most - 2, 1 - most, min(most // 2, 2 ** 31 - 1), rnd.randrange(-most, most)))
            else:
                number = rnd.choice((1, 2, 3, 5, 10, 12, 24, 36, 48, 60, 72, 100, 480, 1000, 2020, rnd.randint(0, 30),
                                     rnd.randint(0, 20000)))
            return f"'{number}'::{name}"
        if name == 'numeric' or name.endswith('.any_number'):
            if nasty and rnd.random() < 0.02:
                return f"repeat('9', {rnd.choice((1000, 20000, 131072))})::{name}"
            return f"'{self.number(rnd, nasty)}'::{name}"
        if name in ('real', 'double precision'):
            if not nasty:
                return f"'{rnd.choice(NUMBERS)}'::{name}"
            if rnd.random() < 0.3:
                return f"'{rnd.choice((1, -1)) * rnd.random() * 10.0 ** rnd.randint(-30, 30)}'::{name}"
            return f"'{rnd.choice(NASTY_FLOATS)}'::double precision" + ('' if name != 'real' else '::real')
        if name.endswith('.any_term'):
            terms = (0, -1, 1, 120, 121, 480, 481, 2147483647, 1200) if nasty else (12, 24, 36, 48, 60, 72, 84)
            return f"'{rnd.choice(terms)}'::{name}"
        if name in ('text', 'character varying', 'name', 'character', 'cstring'):
            if nasty and rnd.random() < 0.015:
                return f"{rnd.choice(LONG_TEXTS)}" if name == 'text' else f"({rnd.choice(LONG_TEXTS)})::{name}"
            return f'{quoted(self.text(rnd, nasty))}::{name}'
        if name == 'boolean':
            return rnd.choice(('true', 'false'))
        if name == 'date' or name.endswith('.any_date'):
            if rnd.random() < 0.3:
                return f"(date '2026-06-30' + {rnd.randint(-2400000, 5000000) if nasty else rnd.randint(-900, 900)})::{name}"
            return f"'{rnd.choice(NASTY_DATES if nasty else DATES)}'::{name}"
        if name.startswith('timestamp'):
            return f"'{rnd.choice(NASTY_TIMES if nasty else DATES)}'::{name}"
        if name == 'interval':
            return f"'{rnd.choice(NASTY_INTERVALS if nasty else ('1 day', '1 hour', '30 days'))}'::interval"
        if name in ('json', 'jsonb') or name.endswith('.any_json'):
            if nasty and rnd.random() < 0.015:
                return f'{rnd.choice(LONG_DOCUMENTS)}::{name}'
            return f'{quoted(self.document(rnd, nasty))}::{name}'
        if name == 'bytea':
            return self.bytes(rnd, nasty)
        if name in ('regclass', 'regproc', 'regprocedure', 'regtype', 'regrole', 'oid'):
            if rnd.random() < 0.4:
                return f"'{rnd.choice((0, 1, 2, 16384, 1259, 4294967295, rnd.randrange(2 ** 32)))}'::{name}"
            if name == 'regclass' or name == 'oid':
                relation = rnd.choice(self.catalogue.relations).name if rnd.random() < 0.7 else rnd.choice(RELATIONS)
                return f'{quoted(relation)}::regclass' + ('::oid' if name == 'oid' else '')
            others = {'regrole': 'postgres', 'regtype': 'text', 'regproc': 'now', 'regprocedure': 'now()'}
            return f"'{others.get(name, '0')}'::{name}"
        if name == 'uuid':
            return "'00000000-0000-0000-0000-000000000000'::uuid"
        if name == '"char"':
            return f"'{rnd.choice('abrvn0')}'::\"char\""
        if name in MADE_OF_MANY and nasty and rnd.random() < 0.02:
            return MADE_OF_MANY[name]
        # A type of the extensions, or one that we know nothing of: values that were found, or one with changes.
        found = self.found.get(of.oid)
        if not found:
            return f'NULL::{name}'
        text = rnd.choice(found)
        return f'{quoted(changed(rnd, text, self.corpus) if nasty and rnd.random() < 0.4 else text)}::{name}'

    def number(self, rnd, nasty):
        if not nasty:
            return rnd.choice(NUMBERS)
        if rnd.random() < 0.5:
            return rnd.choice(NASTY_NUMBERS)
        digits = ''.join(rnd.choice('0123456789') for _ in range(rnd.choice((1, 3, 9, 15, 17, 19, 30, 60))))
        point = rnd.randint(0, len(digits))
        return rnd.choice(('', '-')) + (digits[:point] or '0') + '.' + (digits[point:] or '0')

    def bytes(self, rnd, nasty):
        what = rnd.random()
        if not nasty and what < 0.6:
            return f"convert_to({quoted(rnd.choice(self.corpus.texts))}, 'UTF8')"
        if what < 0.05:
            return f"convert_to({rnd.choice(LONG_TEXTS)}, 'UTF8')"
        if what < 0.5:
            return "'\\x" + rnd.randbytes(rnd.choice((0, 1, 2, 3, 8, 20, 100))).hex() + "'::bytea"
        text = changed(rnd, rnd.choice(self.corpus.texts), self.corpus)
        mark = rnd.choice((b'', b'\xef\xbb\xbf', b'\xff\xfe', b'\xfe\xff'))
        raw = bytearray(mark + text.encode(rnd.choice(('utf-8', 'utf-8', 'utf-16', 'cp1252')), 'replace'))
        if raw and rnd.random() < 0.5:
            raw[rnd.randrange(len(raw))] = rnd.randrange(256)
        return "'\\x" + bytes(raw).hex() + "'::bytea"

    def array(self, rnd, of, nasty, nastiness, depth):
        if not nasty:
            count = rnd.choice((1, 2, 3, 5, 12))
            return self.array_of(rnd, of, [
                self.value(rnd, of.element, nastiness if rnd.random() < 0.3 else 0, depth=depth + 1) for _ in range(count)])
        what = rnd.randrange(12)
        element = lambda: self.value(rnd, of.element, nastiness, depth=depth + 1)
        if what == 0:
            return f"'{{}}'::{of.name}"
        if what == 1:
            return f'ARRAY[NULL, NULL]::{of.name}'
        if what == 2:
            return f'ARRAY[ARRAY[{element()}, {element()}], ARRAY[{element()}, NULL]]::{of.name}'
        if what == 3:
            return f'ARRAY[ARRAY[ARRAY[{element()}]]]::{of.name}'
        if what in (4, 5):
            # Its bounds do not begin at 1.
            first = rnd.choice((-3, 0, 5, -2147483648, 2147483646))
            return f"('[{first}:{first + 1}]=' || ARRAY[{element()}, {element()}]::{of.name}::text)::{of.name}"
        if what == 5 and depth == 0 and of.element.name in LONG_ARRAYS and rnd.random() < 0.3:
            many = 2000 if of.element.name == 'tradeup.deal' else rnd.choice((1000, 30000, 200000))
            return f'(SELECT array_agg({LONG_ARRAYS[of.element.name]}) FROM generate_series(1, {many}) n)::{of.name}'
        if what == 6 and depth == 0:
            # No more than some megabytes of them.
            filled = element()
            while 'repeat(' in filled or 'generate_series(' in filled or LONG_NUMBER.search(filled) or len(filled) > 2000:
                filled = element()
            return f'array_fill({filled}, ARRAY[{rnd.choice((1000, 3000) if of.own else (1000, 10000, 100000))}])::{of.name}'
        if what == 7:
            return f'array_fill({element()}, ARRAY[{rnd.choice((0, 1, 70))}])::{of.name}'
        return self.array_of(rnd, of, [element() for _ in range(rnd.choice((1, 2, 3, 7)))])

    def array_of(self, rnd, of, elements):
        if rnd.random() < 0.1:
            elements.insert(rnd.randint(0, len(elements)), 'NULL')
        return f"ARRAY[{', '.join(elements)}]::{of.name}"

    def row(self, rnd, of, nasty, nastiness, depth):
        if depth > 3:
            return f'NULL::{of.name}'
        found = self.found.get(of.oid)
        if found and rnd.random() < (0.2 if nasty else 0.7):
            return f'{quoted(rnd.choice(found))}::{of.name}'
        fields = ['NULL' if nasty and rnd.random() < 0.2 else
                  self.value(rnd, field.type, nastiness if rnd.random() < 0.5 else 0, name=field.name, depth=depth + 1)
                  for field in of.fields]
        return f"ROW({', '.join(fields)})::{of.name}"

    def any_value(self, rnd, of, nastiness, depth):
        if of.name == 'cstring':
            return quoted(self.text(rnd, nastiness > 0 and rnd.random() < 0.7))
        if of.name in ('record', 'anyelement', 'any', 'anycompatible', '"any"', 'anynonarray'):
            kind = rnd.choice(('integer', 'text', 'numeric', 'bigint', 'date', 'tradeup.deal', 'text[]', 'jsonb', 'bytea', 'boolean',
                               'double precision', 'tradeup.offer'))
        elif of.name in ('anyarray', 'anycompatiblearray'):
            kind = rnd.choice(('integer[]', 'text[]', 'numeric[]', 'date[]'))
        else:
            return quoted(self.text(rnd, True))
        by_name = {t.name: t for t in self.catalogue.types.values()}
        return self.value(rnd, by_name[kind], nastiness, depth=depth + 1)

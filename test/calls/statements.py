"""Statements that call what the catalogue has, each made from a number and a seed alone."""
import dataclasses
import random

import values as of_values
from corpus import quoted, tokens, unquoted

POOLS = ('calls.valid', 'calls.nasty')
POOL_ROWS = 60
COLUMNS = 2    # of each type in a table of values

# What makes a plan with workers, whatever a query costs; and one whose worker does all of it.
MANY_WORKERS = ('SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; '
                'SET LOCAL max_parallel_workers_per_gather = 2; ')
FRAMES = ('', 'PARTITION BY p.id % 3', 'ORDER BY p.id', 'PARTITION BY p.id % 3 ORDER BY p.id', 'ORDER BY p.id % 4 GROUPS CURRENT ROW',
          'ORDER BY p.id ROWS BETWEEN 3 PRECEDING AND CURRENT ROW', 'ORDER BY p.id ROWS BETWEEN 1 FOLLOWING AND 4 FOLLOWING',
          'ORDER BY p.id ROWS BETWEEN 2 PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW')
# Binary numbers that end types, or say how long something is.
INTEGERS = (b'\x7f\xff\xff\xff', b'\x80\0\0\0', b'\xff\xff\xff\xff', b'\0\0\0\0', b'\0\0\0\1', b'\x3f\xff\xff\xff')
FLOATS = (b'\x7f\xf0\0\0\0\0\0\0', b'\x7f\xf8\0\0\0\0\0\0', b'\x7f\xff\xff\xff\xff\xff\xff\xff', b'\x80\0\0\0\0\0\0\0',
          b'\0\0\0\0\0\0\0\1')


def name_of(what):
    return getattr(what, 'signature', None) or getattr(what, 'name', what)


@dataclasses.dataclass
class Call:
    kind: str
    what: str          # of the catalogue
    statement: str
    binary: bytes = None
    read_by_server: bool = False  # the bytes are of an array or a row, which functions of PostgreSQL's own read


class Statements:
    def __init__(self, catalogue, corpus, values, one_worker, seed):
        """one_worker: the setting of this server's major that puts a query into a worker."""
        self.catalogue, self.corpus, self.values, self.seed = catalogue, corpus, values, seed
        self.one_worker = f'SET LOCAL {one_worker} = on; '
        self.column_of = {t.oid: i for i, t in enumerate(catalogue.argument_types())}
        self.binaries = {}
        c = catalogue
        wheel = [('function', f) for f in c.functions] * 2 + [('aggregate', f) for f in c.aggregates] * 6
        wheel += [('operator', o) for o in c.operators] * 3 + [('cast', x) for x in c.casts] * 2
        for t in c.own_types:
            wheel += [('type', t)] * (1 if t.element or t.kind not in 'bc' else 2 if t.kind == 'c' else 8)
        wheel += [('relation', r) for r in c.relations] * 2 + [('trigger', f) for f in c.triggers]
        wheel += [('valid call', line) for line in self.corpus.lines]
        random.Random(seed).shuffle(wheel)
        self.wheel = wheel
        self.made = {'function': self.function, 'aggregate': self.aggregate, 'operator': self.operator, 'cast': self.cast,
                     'type': self.type, 'relation': self.relation, 'trigger': self.trigger, 'valid call': self.line}

    def call(self, number):
        kind, what = self.wheel[number % len(self.wheel)]
        rnd = random.Random(f'{self.seed} {number}')
        made = self.made[kind](rnd, what)
        return made if isinstance(made, Call) else Call(kind, name_of(what), made)

    def nastiness(self, rnd):
        return rnd.choice((0, 0.1, 0.1, 0.3, 1))

    def in_worker(self, statement):
        """All of a statement in a worker, its planning too. What is not safe there would break the word of calls.run, which is."""
        if any(kind == 'word' and text in self.catalogue.unsafe for kind, text in tokens(statement)):
            return statement
        return f'{self.one_worker}SELECT calls.run({quoted(statement)}) FROM calls.valid p WHERE p.id = 0'

    # Arguments

    def column(self, rnd, of):
        return f'p.c{self.column_of[of.oid]}_{rnd.randrange(COLUMNS)}' if of.oid in self.column_of else None

    def argument(self, rnd, argument, nastiness, function, place, of_rows):
        """of_rows: how often it is a column of a table of values, p."""
        if rnd.random() < of_rows:
            column = self.column(rnd, argument.type) if argument.type.kind != 'p' else f'p.c{rnd.randrange(len(self.column_of))}_0'
            if column:
                return column
        return self.values.value(rnd, argument.type, nastiness, argument.name, function, place)

    def arguments(self, rnd, function, nastiness, of_rows):
        # One that is nasty among good ones gets further than many. Defaults are left out; what is behind one that is left out goes by
        # name.
        given, by_name = [], False
        odd = rnd.randrange(len(function.arguments)) if function.arguments and nastiness and rnd.random() < 0.6 else None
        overall = nastiness
        for place, argument in enumerate(function.arguments):
            nastiness = overall if odd is None else 1 if place == odd else 0
            if argument.default and rnd.random() < 0.4 and function.kind != 'a':
                by_name = True
                continue
            value = self.argument(rnd, argument, nastiness, function.name, place, of_rows if place != odd else of_rows / 2)
            if argument.variadic:
                value = f'VARIADIC {value}'
            if argument.name and (by_name or rnd.random() < 0.03) and function.kind != 'a':
                by_name = True
                given.append(f'"{argument.name}" => {value}')
            elif not by_name:
                given.append(value)
        return ', '.join(given)

    def some_rows(self, rnd):
        first = rnd.randrange(POOL_ROWS)
        return f'{rnd.choice(POOLS)} p WHERE p.id BETWEEN {first} AND {first + rnd.choice((0, 0, 1, 3, 10))}'

    def placed(self, rnd, function, nastiness):
        """A query that calls a function: its arguments constants, parameters, or columns of a few rows, in the leader or in a worker."""
        name = function.name
        of_rows = lambda: rnd.choice((0.3, 0.7, 1))
        what = rnd.randrange(48)
        if function.kind == 'p':
            return f'CALL {name}({self.arguments(rnd, function, nastiness, 0)})'
        if what < 17:
            call = f'{name}({self.arguments(rnd, function, nastiness, 0)})'
            return rnd.choice((f'SELECT {call}', f'SELECT * FROM {call}', f'SELECT count(*) FROM {call}', f'SELECT {call} IS NULL',
                               f'SELECT ({call})::text'))
        if what == 17:
            return self.in_worker(f'SELECT {name}({self.arguments(rnd, function, nastiness, 0)})')
        if what < 23:
            return self.prepared(rnd, function, nastiness)
        before = self.one_worker if what < 26 else ''
        call = f'{name}({self.arguments(rnd, function, nastiness, of_rows())})'
        rows = self.some_rows(rnd)
        if function.sets:
            pool, where = rows.split(' WHERE ')
            return before + rnd.choice((f'SELECT {call} FROM {rows}', f'SELECT x FROM {pool}, LATERAL {call} x WHERE {where}',
                                        f'SELECT count(x) FROM {pool} LEFT JOIN LATERAL {call} x ON true WHERE {where}'))
        return before + rnd.choice((f'SELECT {call} FROM {rows}', f'SELECT {call} FROM {rows}', f'SELECT count({call}) FROM {rows}',
                                    f'SELECT p.id FROM {rows} AND {call} IS NOT NULL', f'SELECT p.id FROM {rows} ORDER BY ({call})::text',
                                    f'SELECT array_agg({call}) FROM {rows}', f'SELECT ({call}) x, count(*) FROM {rows} GROUP BY x',
                                    f'SELECT (SELECT {call}) FROM {rows}', f'SELECT CASE WHEN p.id % 2 = 0 THEN {call} END FROM {rows}'))

    def prepared(self, rnd, function, nastiness):
        """A plan that does not know its arguments."""
        taken = [a for a in function.arguments if a.type.kind != 'p']
        if not taken or len(taken) < len(function.arguments):
            return f'SELECT {function.name}({self.arguments(rnd, function, nastiness, 0)})'
        count = len(taken)
        while count and taken[count - 1].default and rnd.random() < 0.3:
            count -= 1
        if not count:
            return f'SELECT {function.name}()'
        odd = rnd.randrange(count) if nastiness and rnd.random() < 0.6 else None
        values = [self.argument(rnd, a, nastiness if odd is None else 1 if i == odd else 0, function.name, i, 0)
                  for i, a in enumerate(taken[:count])]
        types, parameters = ', '.join(a.type.name for a in taken[:count]), ', '.join(f'${i + 1}' for i in range(count))
        return (f"DEALLOCATE ALL; SET LOCAL plan_cache_mode = {rnd.choice(('force_generic_plan', 'auto'))}; "
                f"PREPARE asked ({types}) AS SELECT {function.name}({parameters}); EXECUTE asked({', '.join(values)})")

    # Each kind

    def function(self, rnd, function):
        return self.placed(rnd, function, self.nastiness(rnd))

    def aggregate(self, rnd, function):
        nastiness = rnd.choice((0, 0, 0.1, 0.5))
        pool = rnd.choice(('calls.valid', 'calls.valid', 'calls.nasty'))
        arguments = self.arguments(rnd, function, nastiness, rnd.choice((0.5, 0.9, 1)))
        some = rnd.choice(('', '', f' WHERE p.id % {rnd.randint(2, 9)} = 0',
                           f' WHERE p.id BETWEEN {rnd.randrange(40)} AND {rnd.randrange(60)}'))
        before = rnd.choice(('', '', MANY_WORKERS, MANY_WORKERS, self.one_worker, 'SET LOCAL enable_hashagg = off; ',
                             'SET LOCAL enable_sort = off; '))
        ordered = rnd.choice(('', '', '', ' ORDER BY p.id', ' ORDER BY p.id DESC'))
        distinct = 'DISTINCT ' if rnd.random() < 0.1 and not ordered else ''
        only = rnd.choice(('', '', '', f' FILTER (WHERE p.id % {rnd.randint(1, 5)} = 0)'))
        what = rnd.randrange(6)
        if rnd.random() < 0.03:
            # Many rows; not what they give, because a text of each would itself be large.
            many = f'generate_series(1, {rnd.choice((30, 1000))}) many'
            return f'{before}SELECT pg_column_size({function.name}({arguments}){only}) FROM {pool} p, {many}{some}'
        call = f'{function.name}({distinct}{arguments}{ordered}){only}'
        if what < 2:
            return f'{before}SELECT {call} FROM {pool} p{some}'
        if what == 2:
            return f'{before}SELECT p.id % {rnd.randint(1, 9)}, {call} FROM {pool} p{some} GROUP BY 1'
        if what == 3:
            sets = rnd.choice(('GROUPING SETS ((p.id % 2), ())', 'ROLLUP (p.id % 2, p.id % 3)', 'CUBE (p.id % 2, p.id % 5)'))
            return f'{before}SELECT {call} FROM {pool} p{some} GROUP BY {sets}'
        if what == 4:
            return f'{before}SELECT {function.name}({arguments}){only} OVER ({rnd.choice(FRAMES)}) FROM {pool} p{some}'
        # Two of it share their state.
        return (f'{before}SELECT {function.name}({arguments}), {function.name}({arguments}) FILTER (WHERE p.id > {rnd.randrange(60)}), '
                f'{function.name}({self.arguments(rnd, function, nastiness, 1)}) FROM {pool} p{some}')

    def operator(self, rnd, operator):
        nastiness = self.nastiness(rnd)
        of_rows = rnd.choice((0, 0, 0.5, 1))
        side = lambda of: (self.column(rnd, of) if rnd.random() < of_rows else None) or self.values.value(rnd, of, nastiness)
        if operator.left and operator.left.own and rnd.random() < 0.3:
            a, b = (self.column(rnd, operator.left) for _ in range(2))
            ways = [way for way in ('hashjoin', 'mergejoin', 'nestloop', 'hashagg') if rnd.random() < 0.4]
            before = ''.join(f'SET LOCAL enable_{way} = off; ' for way in ways)
            before += rnd.choice(('', '', self.one_worker, MANY_WORKERS))
            pool, other = rnd.choice(POOLS), rnd.choice(POOLS)
            return before + rnd.choice((
                f'SELECT count(*) FROM {pool} p JOIN {other} q ON {a} {operator.name} {b.replace("p.", "q.")}',
                f'SELECT DISTINCT {a} FROM {pool} p', f'SELECT {a}, count(*) FROM {pool} p GROUP BY 1',
                f'SELECT {a} FROM {pool} p ORDER BY 1 DESC, {b}', f'SELECT {a} = ANY (SELECT {b} FROM {other} p) FROM {pool} p',
                f'SELECT min(p.id) OVER (PARTITION BY {a} ORDER BY {b}) FROM {pool} p',
                f'SELECT {a} FROM {pool} p UNION SELECT {b} FROM {other} p'))
        expression = f'{side(operator.left) if operator.left else ""} {operator.name} {side(operator.right) if operator.right else ""}'
        before = self.one_worker if rnd.random() < 0.3 else ''
        return f'{before}SELECT {expression} FROM {self.some_rows(rnd)}'

    def cast(self, rnd, cast):
        nastiness = self.nastiness(rnd)
        if rnd.random() < 0.6:
            return f'SELECT ({self.values.value(rnd, cast.source, nastiness)})::{cast.target.name}'
        column = self.column(rnd, cast.source)
        before = self.one_worker if rnd.random() < 0.4 else ''
        return f'{before}SELECT {column}::{cast.target.name} FROM {self.some_rows(rnd)}'

    def type(self, rnd, of):
        what = rnd.randrange(10)
        if what < 3 and self.binaries.get(of.oid):
            return self.received(rnd, of)
        if what < 6:
            found = self.values.found.get(of.oid) or self.corpus.texts
            text = of_values.changed(rnd, rnd.choice(found), self.corpus) if rnd.random() < 0.6 else self.values.text(rnd, True)
            written = quoted(text) if rnd.random() < 0.97 else f'({rnd.choice(of_values.LONG_TEXTS)})'
            if rnd.random() < 0.3:
                return f'{self.one_worker if rnd.random() < 0.2 else ""}SELECT (calls.same({written}))::{of.name}'
            return rnd.choice((f'SELECT {written}::{of.name}', f'SELECT ({written}::text)::{of.name}',
                               f'SELECT ({written}::{of.name})::text', f'SELECT ({written}::varchar)::{of.name}'))
        value = self.values.value(rnd, of, self.nastiness(rnd))
        column = self.column(rnd, of)
        if column and rnd.random() < 0.5:
            value = column
        before = self.one_worker if rnd.random() < 0.1 else ''
        rows = self.some_rows(rnd)
        return before + rnd.choice((
            f'SELECT {of.send}({value}) FROM {rows}', f'SELECT ({value})::text::{of.name} FROM {rows}',
            f'SELECT to_jsonb({value}), row_to_json(ROW({value})) FROM {rows}', f'SELECT {value} FROM {rows} GROUP BY 1',
            f'SELECT {value} = {value} FROM {rows}', f'SELECT {value} FROM {rows} ORDER BY 1', f'SELECT DISTINCT {value} FROM {rows}',
            f'SELECT md5(({value})::text), pg_column_size({value}) FROM {rows}',
            f'SELECT ({value} IS NULL, {value} IS DISTINCT FROM {value}) FROM {rows}'))

    def received(self, rnd, of):
        """The binary form of a value, with some bytes changed."""
        raw = bytearray(rnd.choice(self.binaries[of.oid]))
        for _ in range(rnd.choice((0, 1, 1, 1, 2, 5))):
            what = rnd.randrange(6)
            at = rnd.randint(0, len(raw))
            if what == 0:
                raw = raw[:at]
            elif what == 1:
                raw[at:at] = rnd.randbytes(rnd.choice((1, 4, 8, 40)))
            elif what == 2:
                del raw[at:at + rnd.choice((1, 4, 8))]
            elif what == 3 and raw:
                raw[rnd.randrange(len(raw))] = rnd.randrange(256)
            elif what == 4:
                raw[at:at + 4] = rnd.choice(INTEGERS)
            else:
                raw[at:at + 8] = rnd.choice(FLOATS)
        if rnd.random() < 0.05:
            raw = bytearray(rnd.randbytes(rnd.choice((0, 1, 4, 16, 200))))
        row = b'PGCOPY\n\xff\r\n\0' + b'\0' * 8 + b'\0\1' + len(raw).to_bytes(4, 'big') + bytes(raw) + b'\xff\xff'
        return Call('type', of.name, f'COPY calls."received {of.name}" FROM STDIN (FORMAT binary)', row, bool(of.element) or of.kind == 'c')

    def relation(self, rnd, relation):
        nastiness = self.nastiness(rnd)
        columns = [c for c in relation.columns]
        value = lambda c: rnd.choice(('DEFAULT', 'NULL')) if rnd.random() < 0.05 else self.values.value(rnd, c.type, nastiness, c.name)
        plain = lambda c: self.values.value(rnd, c.type, nastiness, c.name)
        one = rnd.choice(columns)
        where = rnd.choice(('', f' WHERE {one.name} = {plain(one)}', f' WHERE {one.name} IS NOT NULL', ' WHERE random() < 0.5'))
        what = rnd.randrange(8)
        if relation.kind != 'r' or what == 0:
            return rnd.choice((f'SELECT * FROM {relation.name}{where} LIMIT 20', f'SELECT count(*) FROM {relation.name}{where}',
                               f'SELECT r FROM {relation.name} r{where} LIMIT 5',
                               f'SELECT {one.name}, count(*) FROM {relation.name}{where} GROUP BY 1'))
        if what < 4:
            taken = [c for c in columns if rnd.random() < rnd.choice((0.3, 0.8, 1))] or columns
            conflict = rnd.choice(('', '', ' ON CONFLICT DO NOTHING'))
            names, chosen = ', '.join(c.name for c in taken), ', '.join(value(c) for c in taken)
            return f'INSERT INTO {relation.name} ({names}) VALUES ({chosen}){conflict}'
        if what == 4 and self.values.found.get(relation.type.oid):
            # A row that is there, with something else in a column or two.
            other = {c.name for c in rnd.sample(columns, min(len(columns), rnd.choice((1, 1, 2))))}
            row = quoted(rnd.choice(self.values.found[relation.type.oid]))
            chosen = ', '.join(plain(c) if c.name in other else f'(x.r).{c.name}' for c in columns)
            names = ', '.join(c.name for c in columns)
            return f'INSERT INTO {relation.name} ({names}) SELECT {chosen} FROM (SELECT {row}::{relation.type.name} AS r) x'
        if what < 7:
            changes = ', '.join(f'{c.name} = {value(c)}' for c in rnd.sample(columns, min(len(columns), rnd.choice((1, 1, 2, 4)))))
            return f'UPDATE {relation.name} SET {changes}{where}'
        return rnd.choice((f'DELETE FROM {relation.name}{where}', f'TRUNCATE {relation.name}', f'TRUNCATE {relation.name} CASCADE'))

    def trigger(self, rnd, function):
        """A function of a trigger, called as one of a table that it was not made for, or as none."""
        if rnd.random() < 0.1:
            return f'SELECT {function.name}()'
        tables = ['calls.target'] + [f'calls.like_{i}' for i in range(len(self.catalogue.relations))]
        table = rnd.choice(tables)
        if table == 'calls.target':
            columns = 'a, b'
            value = f"{rnd.choice(('1', 'NULL', '-2147483648'))}, {quoted(self.values.text(rnd, True))}"
        else:
            relation = self.catalogue.relations[int(table.split('_')[1])]
            columns = ', '.join(c.name for c in relation.columns)
            value = ', '.join(self.values.value(rnd, c.type, 0.1, c.name) for c in relation.columns)
        words = [c.strip() for c in columns.split(',')] + [self.values.text(rnd, rnd.random() < 0.3)]
        called = f"{function.name}({', '.join(quoted(rnd.choice(words)) for _ in range(rnd.choice((0, 0, 1, 2, 4))))})"
        each = rnd.choice(('ROW', 'ROW', 'STATEMENT'))
        events = rnd.choice(('INSERT', 'INSERT OR UPDATE OR DELETE', 'UPDATE', 'DELETE',
                             'TRUNCATE' if each == 'STATEMENT' else 'INSERT OR UPDATE'))
        when = rnd.choice(('BEFORE', 'AFTER'))
        some = ' REFERENCING NEW TABLE AS changed' if when == 'AFTER' and events == 'INSERT' and rnd.random() < 0.5 else ''
        made = f'CREATE TRIGGER tried {when} {events} ON {table}{some} FOR EACH {each} EXECUTE FUNCTION {called}'
        if when == 'AFTER' and each == 'ROW' and not some and rnd.random() < 0.3:
            made = (f'CREATE CONSTRAINT TRIGGER tried AFTER {events} ON {table} DEFERRABLE INITIALLY DEFERRED '
                    f'FOR EACH ROW EXECUTE FUNCTION {called}')
        if function.result.name == 'event_trigger':
            made = f'CREATE EVENT TRIGGER tried ON ddl_command_end EXECUTE FUNCTION {function.name}()'
        insert = f'INSERT INTO {table} ({columns}) VALUES ({value})'
        first = columns.split(',')[0]
        uses = {'INSERT': insert, 'UPDATE': f'UPDATE {table} SET {first} = {first}', 'DELETE': f'DELETE FROM {table}',
                'TRUNCATE': f'TRUNCATE {table}'}
        before = [insert] if 'INSERT' not in events else []
        return '; '.join(before + [made] + [use for event, use in uses.items() if event in events])

    def line(self, rnd, line):
        """A valid call of test/data/calls, with other literals in some places."""
        parts = tokens(line)
        places = [i for i, (kind, text) in enumerate(parts) if kind in ('string', 'number') or text.lower() in ('null', 'true', 'false')]
        for i in rnd.sample(places, min(len(places), rnd.choice((0, 1, 1, 1, 2, 3)))):
            kind, text = parts[i]
            what = rnd.random()
            if what < 0.08:
                text = 'NULL'
            elif kind == 'string' and text[0] == "'":
                if what < 0.6:
                    text = quoted(of_values.changed(rnd, unquoted(text), self.corpus))
                elif unquoted(text)[:1] == '{' and what < 0.85:
                    text = quoted(self.values.document(rnd, True) if rnd.random() < 0.5 else rnd.choice(self.corpus.arrays))
                else:
                    text = quoted(self.values.text(rnd, True))
            elif kind == 'number':
                text = self.values.number(rnd, rnd.random() < 0.7)
                text = f"'{text}'" if text[-1:].isalpha() or what < 0.2 else f'({text})'
            elif text.lower() in ('true', 'false'):
                text = rnd.choice(('true', 'false'))
            parts[i] = (kind, text)
        statement = ''.join(text for _, text in parts)
        what = rnd.randrange(40)
        if what == 0:
            return self.in_worker(statement)
        return (self.one_worker if what < 3 else '') + statement

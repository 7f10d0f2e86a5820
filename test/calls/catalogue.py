"""What there is to call: functions, aggregates, operators, casts, types, tables, views and triggers of the extensions, and the types of
all that they take, read from the catalogue of a server.

All of it is sorted by name, so that a call's number means the same on every server.
"""
import dataclasses

EXTENSIONS = ('tradeup', 'tradeup_leads', 'tradeup_bundles')


@dataclasses.dataclass
class Type:
    oid: int
    name: str
    kind: str          # pg_type.typtype: b base, c composite, d domain, e enum, p pseudo
    element: 'Type' = None
    base: 'Type' = None
    send: str = None
    receive: str = None
    own: bool = False
    fields: list = dataclasses.field(default_factory=list)
    labels: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Argument:
    name: str
    type: Type
    default: bool = False
    variadic: bool = False


@dataclasses.dataclass
class Function:
    name: str
    signature: str
    kind: str          # pg_proc.prokind: f function, p procedure, a aggregate, w window function
    arguments: list
    sets: bool
    result: Type
    safe: bool = True  # in a parallel worker


@dataclasses.dataclass
class Operator:
    name: str
    signature: str
    left: Type
    right: Type


@dataclasses.dataclass
class Cast:
    signature: str
    source: Type
    target: Type


@dataclasses.dataclass
class Relation:
    name: str
    signature: str
    kind: str          # pg_class.relkind: r table, v view
    type: Type
    columns: list      # of Argument: those that can be written
    rows: list = dataclasses.field(default_factory=list)


class Catalogue:
    def __init__(self, query):
        """query(sql): the rows that a statement gives."""
        self.query = query
        query("SET search_path = ''")
        self.types = {}
        self.read_types()
        self.functions, self.aggregates, self.triggers, self.unreachable = [], [], [], []
        self.read_functions()
        self.read_operators()
        self.read_casts()
        self.read_relations()
        self.unsafe = {f.name.split('.')[-1] for f in self.functions + self.aggregates if not f.safe}
        self.own_types = sorted((t for t in self.types.values() if t.own), key=lambda t: t.name)

    def sorted(self, sql):
        return sorted(self.query(sql), key=lambda row: row[:2])

    def of_extensions(self, table):
        return f"""(SELECT d.objid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
            WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
            AND d.classid = 'pg_catalog.{table}'::pg_catalog.regclass AND e.extname IN {EXTENSIONS})"""

    def read_types(self):
        # The row types of tables, and arrays of what belongs to an extension, belong to it too.
        rows = self.query(f"""
            WITH own AS (
                SELECT t.oid FROM pg_catalog.pg_type t WHERE t.oid IN {self.of_extensions('pg_type')}
                    OR t.typrelid IN (SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid IN {self.of_extensions('pg_class')}))
            SELECT t.oid::pg_catalog.int8, pg_catalog.format_type(t.oid, NULL), t.typtype::text,
                   CASE WHEN t.typcategory = 'A' THEN t.typelem::pg_catalog.int8 END, NULLIF(t.typbasetype::pg_catalog.int8, 0),
                   NULLIF(t.typsend::text, '-'), NULLIF(t.typreceive::text, '-'),
                   t.oid IN (SELECT o.oid FROM own o) OR t.typelem IN (SELECT o.oid FROM own o), t.typrelid::pg_catalog.int8
            FROM pg_catalog.pg_type t WHERE t.typisdefined
                AND (t.typrelid = 0 OR EXISTS (SELECT FROM own o WHERE o.oid = t.oid))""")
        for oid, name, kind, _, _, send, receive, own, _ in rows:
            self.types[oid] = Type(oid, name, kind, send=send, receive=receive, own=own)
        relations = {}
        for oid, _, _, element, base, _, _, _, relation in rows:
            self.types[oid].element = self.types.get(element)
            self.types[oid].base = self.types.get(base)
            if relation:
                relations[relation] = self.types[oid]
        for relation, name, type_of in self.query("""
                SELECT a.attrelid::pg_catalog.int8, a.attname::text, a.atttypid::pg_catalog.int8 FROM pg_catalog.pg_attribute a
                WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum"""):
            if relation in relations:
                relations[relation].fields.append(Argument(name, self.types[type_of]))
        for type_of, label in self.query('SELECT e.enumtypid::pg_catalog.int8, e.enumlabel::text FROM pg_catalog.pg_enum e'):
            self.types[type_of].labels.append(label)

    def read_functions(self):
        for (signature, name, kind, types, names, modes, defaults, sets, result, variadic, safe) in self.sorted(f"""
                SELECT p.oid::pg_catalog.regprocedure::text, pg_catalog.format('%I.%I', n.nspname, p.proname), p.prokind::text,
                       p.proargtypes::pg_catalog.oid[]::pg_catalog.int8[], p.proargnames::text[], p.proargmodes::text[],
                       p.pronargdefaults::pg_catalog.int4, p.proretset, p.prorettype::pg_catalog.int8, p.provariadic <> 0,
                       p.proparallel = 's'
                FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                WHERE p.oid IN {self.of_extensions('pg_proc')}"""):
            names = names or []
            if modes:
                names = [n for n, mode in zip(names, modes) if mode in 'ibv']
            arguments = [Argument(names[i] if i < len(names) else '', self.types[t]) for i, t in enumerate(types)]
            for argument in arguments[len(arguments) - defaults:]:
                argument.default = True
            if variadic and arguments:
                arguments[-1].variadic = True
            function = Function(name, signature, kind, arguments, sets, self.types.get(result), safe)
            if kind == 'a':
                self.aggregates.append(function)
            elif function.result and function.result.name in ('trigger', 'event_trigger'):
                self.triggers.append(function)
            elif any(a.type.name == 'internal' for a in arguments):
                # SQL has no value of that type, not even a null, so that only the server calls these: the steps of aggregates, whose
                # aggregates are called, support functions, by planning a call, and receive functions, by COPY.
                self.unreachable.append(function)
            else:
                self.functions.append(function)

    def read_operators(self):
        self.operators = [Operator(name, signature, self.types.get(left), self.types.get(right))
                          for signature, name, left, right in self.sorted(f"""
            SELECT o.oid::pg_catalog.regoperator::text, pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname),
                   o.oprleft::pg_catalog.int8, o.oprright::pg_catalog.int8
            FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
            WHERE o.oid IN {self.of_extensions('pg_operator')}""")]

    def read_casts(self):
        # What PostgreSQL gives every type, a cast from text and to it, belongs to the types.
        self.casts = [Cast(f'{source} AS {target}', self.types[source_oid], self.types[target_oid])
                      for source, target, source_oid, target_oid in self.sorted(f"""
            SELECT pg_catalog.format_type(c.castsource, NULL), pg_catalog.format_type(c.casttarget, NULL), c.castsource::pg_catalog.int8,
                   c.casttarget::pg_catalog.int8
            FROM pg_catalog.pg_cast c WHERE c.oid IN {self.of_extensions('pg_cast')}""")]

    def read_relations(self):
        self.relations = []
        for name, oid, kind, row_type in self.sorted(f"""
                SELECT c.oid::pg_catalog.regclass::text, c.oid::pg_catalog.int8, c.relkind::text, c.reltype::pg_catalog.int8
                FROM pg_catalog.pg_class c WHERE c.oid IN {self.of_extensions('pg_class')} AND c.relkind IN ('r', 'v', 'm')"""):
            columns = [Argument(column, self.types[type_of]) for column, type_of in self.query(f"""
                SELECT a.attname::text, a.atttypid::pg_catalog.int8 FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = {oid} AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum""")]
            self.relations.append(Relation(name, name, kind, self.types[row_type], columns))

    def argument_types(self):
        """The types of which calls take arguments, in the order of their names."""
        taken = [a.type for f in self.functions + self.aggregates for a in f.arguments]
        taken += [t for o in self.operators for t in (o.left, o.right) if t] + [c.source for c in self.casts]
        taken += [t for t in self.types.values() if t.own and t.kind == 'b' and not t.element]
        return sorted({t.oid: t for t in taken if t.kind != 'p'}.values(), key=lambda t: t.name)

"""Texts that mean something to the extensions: the arguments of the calls of test/data/calls and of the regression tests, by function,
and all their literals.
"""
import collections
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]

TOKEN = re.compile(r"""(?P<string>[eE]?'(?:[^']|'')*')|(?P<number>(?<![\w.$])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)|(?P<word>[A-Za-z_]\w*)
    |(?P<space>\s+)|(?P<other>[\[\]()]|=>|::|.)""", re.VERBOSE | re.DOTALL)
# What an argument may have beside literals and calls, so that it stands by itself.
PLAIN = set('null true false array row date numeric text integer bigint float8 jsonb json timestamptz timestamp interval double precision '
            'real smallint boolean varchar'.split())


def tokens(sql):
    return [(match.lastgroup, match.group()) for match in TOKEN.finditer(sql)]


def unquoted(literal):
    return literal[literal.index("'") + 1:-1].replace("''", "'")


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def arguments_after(parts, at):
    """The arguments of a call whose opening bracket is parts[at], as lists of tokens; none where they do not end."""
    depth, arguments, argument = 0, [], []
    for kind, text in parts[at:at + 2000]:
        if text in ('(', '[') and kind == 'other':
            depth += 1
            if depth == 1:
                continue
        elif text in (')', ']') and kind == 'other':
            depth -= 1
            if depth == 0:
                return arguments + [argument] if argument else arguments
        elif text == ',' and depth == 1:
            arguments.append(argument)
            argument = []
            continue
        elif text == ';':
            break
        argument.append((kind, text))
    return []


def stands_alone(argument):
    """Whether an argument has no column or variable in it."""
    for i, (kind, text) in enumerate(argument):
        if text in (':', '$'):
            return False
        if kind == 'word' and text.lower() not in PLAIN:
            following = [t for k, t in argument[i + 1:] if k != 'space'][:1]
            before = [t for k, t in argument[:i] if k != 'space'][-1:]
            qualifier = following == ['.'] and (text == 'pg_catalog' or text.startswith('tradeup'))
            if not qualifier and following not in (['('], ['=>']) and before not in (['.'], ['::']) or text.lower() in ('select', 'from'):
                return False
    return True


class Corpus:
    def __init__(self, catalogue):
        self.lines = []
        texts = []
        for extension in sorted(p for p in (ROOT / 'test/data/calls').iterdir() if p.is_dir()):
            calls = [line.split(' ', 1)[1] for line in (extension / 'list').read_text().splitlines()]
            self.lines += calls
            texts += calls
        texts += [path.read_text() for path in sorted((ROOT / 'sql').glob('*.sql'))]
        schemas = collections.defaultdict(set)
        for function in catalogue.functions + catalogue.aggregates:
            schemas[function.name.split('.')[-1]].add(function.name)
        # By name of a function, and of an argument or its place: expressions; and the literals of its calls.
        self.arguments = collections.defaultdict(lambda: collections.defaultdict(dict))
        strings = {}
        for text in texts:
            parts = tokens(re.sub(r'--[^\n]*', '', text))
            for i, (kind, word) in enumerate(parts):
                if kind == 'string' and word[0] == "'" and len(word) < 3000:
                    strings[unquoted(word)] = True
                if kind != 'word' or word not in schemas or i + 1 >= len(parts) or parts[i + 1][1] != '(':
                    continue
                for place, argument in enumerate(arguments_after(parts, i + 1)):
                    while argument and argument[0][0] == 'space':
                        argument = argument[1:]
                    key = place
                    if len(argument) > 2 and argument[0][0] == 'word' and '=>' in [t for _, t in argument[1:3]]:
                        key = argument[0][1]
                        argument = argument[[t for _, t in argument].index('=>') + 1:]
                    if argument and stands_alone(argument):
                        expression = ''.join(t for _, t in argument).strip()
                        if expression and len(expression) < 3000:
                            for name in schemas[word]:
                                self.arguments[name][key][expression] = True
        self.arguments = {name: {key: list(found) for key, found in of.items()} for name, of in self.arguments.items()}
        texts = list(strings)
        self.documents = [t for t in texts if re.match(r'\s*(\{\s*("|\})|\[)', t)]
        self.arrays = [t for t in texts if re.match(r'\{[^"\s]', t)]
        self.values = [t for t in texts if re.match(r'(v1 |\d+=)', t)]
        self.words = [t for t in texts if len(t) < 200 and not re.match(r'\s*[\[{]|v1 ', t)]
        self.keys = sorted({key for t in self.documents for key in re.findall(r'"([^"]{1,40})"\s*:', t)})
        self.texts = texts

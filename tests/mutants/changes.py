"""Make the mutants of a reference: its source with one place changed."""

import ast
import builtins
import copy
import re
import sys
from collections import Counter
from dataclasses import dataclass
from difflib import ndiff
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from autograder.references import solution
from unrolled.checks import lesson_of

SWAPPED = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult},
    **{ast.Pow: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv, ast.MatMult: ast.Mult},
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt},
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And},
    **{ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd},
}
ONE_WAY = ast.Sub | ast.Div | ast.FloorDiv | ast.Mod | ast.Pow | ast.MatMult
# Functions that a student may take for each other.
ALIKE = [
    group.split()
    for group in (
        *("tanh sigmoid exp", "exp log", "sqrt square", "abs square", "floor ceil"),
        *("min max", "minimum maximum", "argmin argmax", "any all", "sum mean prod"),
        *("reduce_sum reduce_mean", "cumsum cumprod", "zeros ones", "zeros_like ones_like"),
        *("concatenate stack", "append extend", "uniform normal standard_normal"),
    )
]


@dataclass(frozen=True)
class Mutant:
    """A changed reference.

    change  the lines that differ, as a diff without context
    source  the whole changed function or class
    """

    change: str
    source: str


def bare(change):
    """A change without spaces, brackets and quotes, which Pythons write in different ways."""
    return re.sub(r"[\s()'\"]", "", change)


def mutants(name):
    """All mutants of an exercise's reference, each once, in the order of its lines."""
    solution(name)  # imports the module without TensorFlow's messages
    return mutants_of(name, source_of(name), vars(sys.modules[f"solutions.{lesson_of(name)}"]))


def source_of(name):
    """The source of the module that an exercise's reference stands in, which is not imported."""
    return Path(find_spec(f"solutions.{lesson_of(name)}").origin).read_text(encoding="utf-8")


def is_costly(name):
    """Whether an exercise's reference runs TensorFlow, so that judging takes a second or more."""
    whole = _definition(name, source_of(name))
    attributes = {n.attr for n in ast.walk(whole) if isinstance(n, ast.Attribute)}
    return not (attributes | _names(whole)).isdisjoint({"keras", "tf", "fit"})


def mutants_of(name, source, namespace):
    """All mutants of a function or class, from the source of its module and what that defines."""
    whole = _definition(name, source)
    withheld, inside = set(), False
    for number, line in enumerate(source.splitlines(), start=1):
        inside = (inside or "### BEGIN SOLUTION" in line) and "### END SOLUTION" not in line
        withheld |= {number} if inside else set()
    before, after = ast.unparse(whole), {}
    turned = "keras.ops.transpose(it)" if isinstance(whole, ast.ClassDef) else "it.T"
    for node, put, names, is_default in _places(whole):
        first = node.target if isinstance(node, ast.comprehension) else node
        if is_default or getattr(first, "lineno", None) in withheld:
            for other in _variants(node, names, namespace, turned):
                put(other)
                after.setdefault(ast.unparse(whole))
            put(node)
    after.pop(before, None)
    made, seen = [], Counter()
    for changed in after:
        change = _change(before.splitlines(), changed.splitlines())
        seen[change] += 1
        number = f"\n({seen[change]})" if seen[change] > 1 else ""  # of the places where it stands
        made.append(Mutant(change + number, changed))
    return made


def _definition(name, source):
    return next(n for n in ast.parse(source).body if getattr(n, "name", None) == name)


def _change(before, after):
    """The lines that differ, those that are gone first."""
    differ = [line for line in ndiff(before, after) if line[0] in "-+"]
    gone, new = ([line[2:].strip() for line in differ if line[0] == sign] for sign in "-+")
    lines = [f"- {line}" for line in gone] + [f"+ {line}" for line in new]
    return "\n".join([*lines, "(in another place)"] if gone == new else lines)


def _places(node, names=()):
    """Each node below, how to put another there, the variables in scope, and whether a default."""
    if isinstance(node, ast.Raise | ast.JoinedStr):  # nobody is marked for the words of an error
        return
    if isinstance(node, ast.FunctionDef):
        found = [n.arg for n in ast.walk(node.args) if isinstance(n, ast.arg)]
        stored = [n for n in ast.walk(node) if isinstance(n, ast.Name | ast.arg)]
        found += [n.id for n in stored if isinstance(getattr(n, "ctx", None), ast.Store)]
        names = [n for n in dict.fromkeys(found) if n not in ("self", "kwargs", "_")]
    for field, value in ast.iter_fields(node):
        is_default = field in ("defaults", "kw_defaults")
        if isinstance(value, ast.AST):
            yield value, partial(setattr, node, field), names, is_default
            yield from _places(value, names)
        elif isinstance(value, list):
            for place, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield item, partial(value.__setitem__, place), names, is_default
                    yield from _places(item, names)
                if isinstance(item, ast.stmt) and value[place + 1 :]:
                    pair = ast.Module(value[place : place + 2], [], lineno=item.lineno)
                    yield pair, partial(_put_pair, value, place), names, False


def _put_pair(block, place, pair):
    block[place : place + 2] = pair.body


def _variants(node, names, namespace, turned):
    """What a mistake could have put in the place of a node; ``turned`` is a transposed ``it``."""
    match node:
        case ast.BinOp(left, op, right):
            yield from (_with(node, op=_swapped_op(op)), left, right)
            if isinstance(op, ONE_WAY):
                yield _with(node, left=right, right=left)
            if isinstance(op, ast.MatMult):
                yield _with(node, left=_around(left, turned))
                yield _with(node, right=_around(right, turned))
        case ast.UnaryOp(ast.USub() | ast.Not(), operand):
            yield operand
        case ast.Compare(ops=[op]):
            yield _with(node, ops=[_swapped_op(op)])
            yield ast.UnaryOp(ast.Not(), node)
        case ast.BoolOp(op, values):
            yield _with(node, op=_swapped_op(op))
            for parts in _one_less(values):
                yield _with(node, values=parts) if len(parts) > 1 else parts[0]
        case ast.IfExp(test, body, orelse):
            yield from (body, orelse, _with(node, body=orelse, orelse=body))
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value)):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.Constant(float(value)):
            yield from (ast.Constant(other) for other in (value + 1, value - 1, value * 10))
        case ast.Constant(str()):
            yield ast.Constant("")
        case ast.Attribute(value, "T"):
            yield value
        case ast.Attribute(value, attr):
            owner = namespace.get(value.id) if isinstance(value, ast.Name) else None
            for other in _alike(attr):
                if owner is None or hasattr(owner, other):
                    yield _with(node, attr=other)
                elif other in namespace:
                    yield ast.Name(other)
        case ast.Name(name, ast.Load()):
            for other in _alike(name):
                if other in namespace or hasattr(builtins, other):
                    yield ast.Name(other)
                elif hasattr(namespace.get("np"), other):
                    yield ast.Attribute(ast.Name("np"), other)
            if name in names:
                place = names.index(name)
                yield from (ast.Name(names[n % len(names)]) for n in (place - 1, place + 1))
        case ast.Subscript(slice=ast.Tuple(parts)):
            for place, part in enumerate(parts):
                for other in _moved(part):
                    index = [*parts[:place], other, *parts[place + 1 :]]
                    yield _with(node, slice=ast.Tuple(index))
        case ast.Subscript(slice=part):
            yield from (_with(node, slice=other) for other in _moved(part))
        case ast.Call(func, args, keywords):
            if args and not isinstance(args[0], ast.Starred):
                yield args[0]
            elif isinstance(func, ast.Attribute):
                yield func.value
            yield from (_with(node, keywords=fewer) for fewer in _one_less(keywords))
            yield from (_with(node, args=other) for other in _swapped(args))
            if len(args) > 1:
                yield from (_with(node, args=fewer) for fewer in _one_less(args))
        case ast.Tuple(elts) | ast.List(elts):
            yield from (_with(node, elts=other) for other in _swapped(elts))
        case ast.Dict(values=values):
            yield from (_with(node, values=other) for other in _swapped(values))
        case ast.comprehension(iter=items) | ast.For(iter=items):
            for part in ("[1:]", "[:-1]", "[::-1]"):
                yield _with(node, iter=_around(items, f"list(it){part}"))
            if isinstance(node, ast.comprehension):
                yield _with(node, ifs=[])
        case ast.Module([first, second]):
            linked = _writes(first) & _names(second) or _writes(second) & _names(first)
            if linked and not isinstance(second, ast.Return):
                yield ast.Module([second, first], [])
        case ast.AugAssign(target, op, value):
            yield ast.Assign([target], value, lineno=0)
            yield _with(node, op=_swapped_op(op))
        case ast.If(test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), test))
            yield _with(node, test=ast.Constant(True))
        case ast.While(test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
    if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef | ast.Return):
        yield ast.Pass()
        if _writes(node) & _names(node.value if isinstance(node, ast.Assign) else node):
            yield ast.Module([node, node], [])


def _with(node, **fields):
    """A copy of a node with other fields."""
    other = copy.copy(node)
    for field, value in fields.items():
        setattr(other, field, value)
    return other


def _around(node, text):
    """An expression in which ``it`` is the node."""
    whole = ast.parse(text, mode="eval").body
    for part, put, *_ in _places(whole):
        if isinstance(part, ast.Name) and part.id == "it":
            put(node)
            return whole
    raise ValueError(f"text is {text!r}; expected `it` in it")


def _names(node):
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _writes(statement):
    """The variables that a statement assigns to or into, or may change by a call."""
    match statement:
        case ast.Assign(targets=targets):
            return set().union(*map(_names, targets))
        case ast.AugAssign() | ast.Expr():
            return _names(statement)
    return set()


def _swapped_op(op):
    return SWAPPED.get(type(op), type(op))()


def _alike(name):
    return [other for group in ALIKE if name in group for other in group if other != name]


def _one_less(items):
    return [[*items[:place], *items[place + 1 :]] for place in range(len(items))]


def _swapped(items):
    """The items with two neighbours exchanged."""
    pairs = range(len(items) - 1)
    return [[*items[:n], items[n + 1], items[n], *items[n + 2 :]] for n in pairs]


def _moved(index):
    """An index off by one, or a slice with such a bound or without it; see also constants."""
    one = ast.Constant(1)
    if isinstance(index, ast.Slice):
        for field in ("lower", "upper", "step"):
            if bound := getattr(index, field):
                others = [None] if field == "step" else [None, *_moved(bound)]
                yield from (_with(index, **{field: other}) for other in others)
        if index.step is None:
            if index.lower is None:
                yield _with(index, lower=one)
            if index.upper is None:
                yield _with(index, upper=ast.UnaryOp(ast.USub(), one))
    elif not isinstance(index, ast.Constant | ast.UnaryOp | ast.Tuple):
        yield from (ast.BinOp(index, op, one) for op in (ast.Add(), ast.Sub()))

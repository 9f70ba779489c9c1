"""Known-wrong answers of the lesson ``lstm_variants``, most specific first within an exercise."""

import numpy as np

from solutions.lstm_cell import sigmoid
from solutions.mistakes import NO_RETURN, SHAPES, UNKNOWN_NAME, mistake

IN_PLACE = """An argument is different after the call than before. Look for +=, *=, pop or an
assignment into an argument: they change what belongs to the caller."""
ROWS = """The rows of a batch must not know of each other. Along which axis do you average, or
where do you take a single row?"""

BLOCKS = """The blocks of columns are taken for the wrong gates. In which order do the columns of
Wx hold i, f, g and o?"""
CANDIDATE = "Compare which function squashes each of the four blocks: one of them is not a gate."
MEMORY = """c' departs from its equation. It is a sum of two products: what does each gate
multiply, and which c is it, the old or the new?"""
SUM = "The pre-activations are wrong. Compare the sum with the equation, term by term."

_ORDERS = {
    "figo": "i_and_f_swapped",
    "igfo": "order_i_g_f_o_of_the_book",
    "ifog": "order_i_f_o_g",
    "fiog": "order_f_i_o_g",
    "gifo": "order_g_i_f_o",
    "ofgi": "order_o_f_g_i",
    "oifg": "order_o_i_f_g",
    "ogfi": "order_o_g_f_i",
    "fgio": "order_f_g_i_o",
    "iofg": "order_i_o_f_g",
}


BOUNDS = (
    "The equations bound no state: c adds up step by step and may be large, and so may the state "
    "that a step is handed. Take both as they come."
)


def _blocks(x, state, Wx, W, b, count=4):
    """The right pre-activations, block by block."""
    return np.split(x @ Wx + state @ W + b, count, axis=1)


def _register(exercise, hint, name, answer):
    answer.__name__ = name
    mistake(exercise, hint=hint)(answer)


# How c' goes wrong in any LSTM: name -> rule of (i, f, g, c)
_MEMORIES = {
    "old_c_ignored": lambda i, f, g, c: i * g,
    "forget_gate_missing": lambda i, f, g, c: c + i * g,
    "input_gate_missing": lambda i, f, g, c: f * c + g,
    "both_gates_missing": lambda i, f, g, c: c + g,
    "candidate_missing": lambda i, f, g, c: f * c + i,
    "forget_gate_turned_around": lambda i, f, g, c: (1.0 - f) * c + i * g,
    "input_gate_tied_to_the_forget_gate": lambda i, f, g, c: f * c + (1.0 - f) * g,
    "forget_gate_tied_to_the_input_gate": lambda i, f, g, c: (1.0 - i) * c + i * g,
    "sum_before_the_forget_gate": lambda i, f, g, c: f * (c + i * g),
    "old_c_squashed": lambda i, f, g, c: f * np.tanh(c) + i * g,
    "new_c_squashed": lambda i, f, g, c: np.tanh(f * c + i * g),
    "products_multiplied": lambda i, f, g, c: f * c * i * g,
}

# How the output goes wrong in any LSTM: name -> rule of (o, zo, c, c')
_OUTPUTS = {
    "tanh_missing_in_the_output": lambda o, zo, c, new: o * new,
    "sigmoid_for_tanh_in_the_output": lambda o, zo, c, new: o * sigmoid(new),
    "output_from_the_old_c": lambda o, zo, c, new: o * np.tanh(c),
    "output_gate_missing": lambda o, zo, c, new: np.tanh(new),
    "output_gate_inside_the_tanh": lambda o, zo, c, new: np.tanh(o * new),
    "output_gate_without_sigmoid": lambda o, zo, c, new: zo * np.tanh(new),
    "output_gate_turned_around": lambda o, zo, c, new: (1.0 - o) * np.tanh(new),
}


# peephole_lstm_step

OLD_C_IN_O = """c' is right and h' is not: the output gate decides about the new memory. Which c
does its peephole look at?"""
PEEPHOLE_ON_G = (
    "The candidate is no gate, and looks at no memory. Which three blocks have peepholes?"
)
WHICH_PEEPHOLE = (
    "A peephole stands at the wrong gate. Compare which of pi, pf and po each gate has."
)
PEEPHOLE_LACKS = "A gate does not look at the memory. Compare the three gates, term by term."
PEEPHOLE_FORM = """A peephole adds to a gate's pre-activation, before the sigmoid, the cell state
times one weight for each unit. What does yours add, and where?"""
WHEN = "The input and the forget gate open before there is a new memory. Which c can they look at?"
OUTPUT = "c' is right and h' is not. Compare the last equation: what is gated, and from which c?"
PAIR = "The result is a pair, (h', c'), in this order, each of shape (B, H)."


def _peeped(blocks, c, pi, pf, po):
    """The right states from given pre-activations."""
    zi, zf, zg, zo = blocks
    new = sigmoid(zf + pf * c) * c + sigmoid(zi + pi * c) * np.tanh(zg)
    return sigmoid(zo + po * new) * np.tanh(new), new


def _peephole(x, h, c, Wx, Wh, b, pi, pf, po):
    """The right step."""
    return _peeped(_blocks(x, h, Wx, Wh, b), c, pi, pf, po)


def _with_gates(rule):
    """An answer whose i, f, g come from ``rule(zi, zf, zg, c, pi, pf, po)``."""

    def answer(x, h, c, Wx, Wh, b, pi, pf, po):
        zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
        i, f, g = rule(zi, zf, zg, c, pi, pf, po)
        new = f * c + i * g
        return sigmoid(zo + po * new) * np.tanh(new), new

    answer.__name__ = rule.__name__
    return answer


def _with_output_gate(rule):
    """An answer whose o comes from ``rule(zo, c, c', h, po)``."""

    def answer(x, h, c, Wx, Wh, b, pi, pf, po):
        zo = _blocks(x, h, Wx, Wh, b)[3]
        new = _peephole(x, h, c, Wx, Wh, b, pi, pf, po)[1]
        return rule(zo, c, new, h, po) * np.tanh(new), new

    answer.__name__ = rule.__name__
    return answer


@mistake("peephole_lstm_step", hint=OLD_C_IN_O)
@_with_output_gate
def output_peephole_on_the_old_c(zo, c, new, h, po):
    return sigmoid(zo + po * c)


@mistake("peephole_lstm_step", hint=OLD_C_IN_O)
def output_gate_opened_before_the_memory_changes(x, h, c, Wx, Wh, b, pi, pf, po):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    i, f, o = (sigmoid(z + p * c) for z, p in ((zi, pi), (zf, pf), (zo, po)))
    new = f * c + i * np.tanh(zg)
    return o * np.tanh(new), new


@mistake("peephole_lstm_step", hint=OLD_C_IN_O)
@_with_output_gate
def output_peephole_on_both_memories(zo, c, new, h, po):
    return sigmoid(zo + po * (c + new))


@mistake("peephole_lstm_step", hint=PEEPHOLE_ON_G)
@_with_gates
def input_peephole_on_g_too(zi, zf, zg, c, pi, pf, po):
    return sigmoid(zi + pi * c), sigmoid(zf + pf * c), np.tanh(zg + pi * c)


@mistake("peephole_lstm_step", hint=PEEPHOLE_ON_G)
@_with_gates
def input_peephole_on_g_instead(zi, zf, zg, c, pi, pf, po):
    return sigmoid(zi), sigmoid(zf + pf * c), np.tanh(zg + pi * c)


@mistake("peephole_lstm_step", hint=PEEPHOLE_ON_G)
@_with_gates
def forget_peephole_on_g_too(zi, zf, zg, c, pi, pf, po):
    return sigmoid(zi + pi * c), sigmoid(zf + pf * c), np.tanh(zg + pf * c)


@mistake("peephole_lstm_step", hint=PEEPHOLE_ON_G)
@_with_gates
def forget_peephole_on_g_instead(zi, zf, zg, c, pi, pf, po):
    return sigmoid(zi + pi * c), sigmoid(zf), np.tanh(zg + pf * c)


@mistake("peephole_lstm_step", hint=PEEPHOLE_ON_G)
@_with_gates
def output_peephole_on_g_too(zi, zf, zg, c, pi, pf, po):
    return sigmoid(zi + pi * c), sigmoid(zf + pf * c), np.tanh(zg + po * c)


@mistake("peephole_lstm_step", hint=PEEPHOLE_ON_G)
def output_peephole_on_g_instead(x, h, c, Wx, Wh, b, pi, pf, po):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    return _peeped((zi, zf, zg + po * c, zo), c, pi, pf, 0.0)


@mistake("peephole_lstm_step", hint=PEEPHOLE_ON_G)
@_with_gates
def old_c_added_to_g(zi, zf, zg, c, pi, pf, po):
    return sigmoid(zi + pi * c), sigmoid(zf + pf * c), np.tanh(zg + c)


for _name, _order in {
    "pi_and_pf_swapped": (1, 0, 2),
    "pf_and_po_swapped": (0, 2, 1),
    "pi_and_po_swapped": (2, 1, 0),
    "peepholes_moved_on_by_one": (1, 2, 0),
    "peepholes_moved_back_by_one": (2, 0, 1),
    "pi_everywhere": (0, 0, 0),
    "pf_everywhere": (1, 1, 1),
    "po_everywhere": (2, 2, 2),
}.items():

    def _answer(x, h, c, Wx, Wh, b, pi, pf, po, order=_order):
        peepholes = [(pi, pf, po)[k] for k in order]
        return _peephole(x, h, c, Wx, Wh, b, *peepholes)

    _register("peephole_lstm_step", WHICH_PEEPHOLE, _name, _answer)


for _name, _kept in {
    "no_peepholes": (0, 0, 0),
    "input_peephole_missing": (0, 1, 1),
    "forget_peephole_missing": (1, 0, 1),
    "output_peephole_missing": (1, 1, 0),
    "output_peephole_only": (0, 0, 1),
}.items():

    def _answer(x, h, c, Wx, Wh, b, pi, pf, po, kept=_kept):
        peepholes = [k * p for k, p in zip(kept, (pi, pf, po), strict=True)]
        return _peephole(x, h, c, Wx, Wh, b, *peepholes)

    _register("peephole_lstm_step", PEEPHOLE_LACKS, _name, _answer)


@mistake("peephole_lstm_step", hint=WHEN)
@_with_gates
def gates_look_at_a_new_c_made_without_them(zi, zf, zg, c, pi, pf, po):
    new = sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)
    return sigmoid(zi + pi * new), sigmoid(zf + pf * new), np.tanh(zg)


@mistake("peephole_lstm_step", hint=WHEN)
@_with_gates
def input_gate_looks_at_what_is_left_of_c(zi, zf, zg, c, pi, pf, po):
    f = sigmoid(zf + pf * c)
    return sigmoid(zi + pi * f * c), f, np.tanh(zg)


@mistake("peephole_lstm_step", hint=PEEPHOLE_FORM)
def peepholes_read_h(x, h, c, Wx, Wh, b, pi, pf, po):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    return _peeped((zi + pi * h, zf + pf * h, zg, zo + po * h), c, 0.0, 0.0, 0.0)


@mistake("peephole_lstm_step", hint=PEEPHOLE_FORM)
def peepholes_read_a_squashed_c(x, h, c, Wx, Wh, b, pi, pf, po):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    i, f = sigmoid(zi + pi * np.tanh(c)), sigmoid(zf + pf * np.tanh(c))
    new = f * c + i * np.tanh(zg)
    return sigmoid(zo + po * np.tanh(new)) * np.tanh(new), new


@mistake("peephole_lstm_step", hint=PEEPHOLE_FORM)
@_with_output_gate
def output_peephole_reads_a_squashed_c(zo, c, new, h, po):
    return sigmoid(zo + po * np.tanh(new))


@mistake("peephole_lstm_step", hint=PEEPHOLE_FORM)
@_with_output_gate
def output_peephole_reads_h(zo, c, new, h, po):
    return sigmoid(zo + po * h)


@mistake("peephole_lstm_step", hint=PEEPHOLE_FORM)
@_with_output_gate
def output_peephole_after_the_sigmoid(zo, c, new, h, po):
    return sigmoid(zo) + po * new


@mistake("peephole_lstm_step", hint=PEEPHOLE_FORM)
def peepholes_after_the_sigmoid(x, h, c, Wx, Wh, b, pi, pf, po):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    new = (sigmoid(zf) + pf * c) * c + (sigmoid(zi) + pi * c) * np.tanh(zg)
    return (sigmoid(zo) + po * new) * np.tanh(new), new


@mistake("peephole_lstm_step", hint=PEEPHOLE_FORM)
def peepholes_multiply_the_pre_activations(x, h, c, Wx, Wh, b, pi, pf, po):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    new = sigmoid(zf * pf * c) * c + sigmoid(zi * pi * c) * np.tanh(zg)
    return sigmoid(zo * po * new) * np.tanh(new), new


@mistake("peephole_lstm_step", hint=PEEPHOLE_FORM)
def peepholes_added_without_c(x, h, c, Wx, Wh, b, pi, pf, po):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    return _peeped((zi + pi, zf + pf, zg, zo + po), c, 0.0, 0.0, 0.0)


@mistake("peephole_lstm_step", hint=PEEPHOLE_FORM)
def peepholes_subtracted(x, h, c, Wx, Wh, b, pi, pf, po):
    return _peephole(x, h, c, Wx, Wh, b, -pi, -pf, -po)


@mistake("peephole_lstm_step", hint=PEEPHOLE_FORM)
def peepholes_summed_over_the_units(x, h, c, Wx, Wh, b, pi, pf, po):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    i, f = (sigmoid(z + (c @ p)[:, None]) for z, p in ((zi, pi), (zf, pf)))
    new = f * c + i * np.tanh(zg)
    return sigmoid(zo + (new @ po)[:, None]) * np.tanh(new), new


@mistake("peephole_lstm_step", hint=PEEPHOLE_FORM)
def c_multiplied_with_the_recurrent_weights_too(x, h, c, Wx, Wh, b, pi, pf, po):
    return _peephole(x, h + c, c, Wx, Wh, b, pi, pf, po)


@mistake("peephole_lstm_step", hint=PEEPHOLE_FORM)
def size_of_c_only(x, h, c, Wx, Wh, b, pi, pf, po):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    new = sigmoid(zf + pf * np.abs(c)) * c + sigmoid(zi + pi * np.abs(c)) * np.tanh(zg)
    return sigmoid(zo + po * np.abs(new)) * np.tanh(new), new


def _peephole_in_order(order):
    def answer(x, h, c, Wx, Wh, b, pi, pf, po):
        blocks = dict(zip(order, _blocks(x, h, Wx, Wh, b), strict=True))
        return _peeped([blocks[name] for name in "ifgo"], c, pi, pf, po)

    return answer


for _order, _name in _ORDERS.items():
    _register("peephole_lstm_step", BLOCKS, _name, _peephole_in_order(_order))


@mistake("peephole_lstm_step", hint=BLOCKS)
def blocks_interleaved(x, h, c, Wx, Wh, b, pi, pf, po):
    z = (x @ Wx + h @ Wh + b).reshape(*c.shape, 4)
    return _peeped(np.moveaxis(z, 2, 0), c, pi, pf, po)


@mistake("peephole_lstm_step", hint=CANDIDATE)
@_with_gates
def sigmoid_on_the_candidate(zi, zf, zg, c, pi, pf, po):
    return sigmoid(zi + pi * c), sigmoid(zf + pf * c), sigmoid(zg)


@mistake("peephole_lstm_step", hint=CANDIDATE)
@_with_gates
def candidate_not_squashed(zi, zf, zg, c, pi, pf, po):
    return sigmoid(zi + pi * c), sigmoid(zf + pf * c), zg


@mistake("peephole_lstm_step", hint=CANDIDATE)
@_with_gates
def tanh_on_the_gates(zi, zf, zg, c, pi, pf, po):
    return np.tanh(zi + pi * c), np.tanh(zf + pf * c), np.tanh(zg)


@mistake("peephole_lstm_step", hint=CANDIDATE)
@_with_gates
def gates_not_squashed(zi, zf, zg, c, pi, pf, po):
    return zi + pi * c, zf + pf * c, np.tanh(zg)


def _peephole_with_memory(rule):
    def answer(x, h, c, Wx, Wh, b, pi, pf, po):
        zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
        new = rule(sigmoid(zi + pi * c), sigmoid(zf + pf * c), np.tanh(zg), c)
        return sigmoid(zo + po * new) * np.tanh(new), new

    return answer


for _name, _rule in _MEMORIES.items():
    _register("peephole_lstm_step", MEMORY, _name, _peephole_with_memory(_rule))


def _peephole_with_output(rule):
    def answer(x, h, c, Wx, Wh, b, pi, pf, po):
        zo = _blocks(x, h, Wx, Wh, b)[3]
        new = _peephole(x, h, c, Wx, Wh, b, pi, pf, po)[1]
        return rule(sigmoid(zo + po * new), zo + po * new, c, new), new

    return answer


for _name, _rule in _OUTPUTS.items():
    _register("peephole_lstm_step", OUTPUT, _name, _peephole_with_output(_rule))


@mistake("peephole_lstm_step", hint=SUM)
def bias_missing(x, h, c, Wx, Wh, b, pi, pf, po):
    return _peephole(x, h, c, Wx, Wh, 0.0, pi, pf, po)


@mistake("peephole_lstm_step", hint=SUM)
def old_h_ignored(x, h, c, Wx, Wh, b, pi, pf, po):
    return _peephole(x, np.zeros_like(h), c, Wx, Wh, b, pi, pf, po)


@mistake("peephole_lstm_step", hint=SUM)
def input_ignored(x, h, c, Wx, Wh, b, pi, pf, po):
    return _peephole(np.zeros_like(x), h, c, Wx, Wh, b, pi, pf, po)


@mistake("peephole_lstm_step", hint=SUM)
def c_for_h_in_the_product(x, h, c, Wx, Wh, b, pi, pf, po):
    return _peephole(x, c, c, Wx, Wh, b, pi, pf, po)


@mistake("peephole_lstm_step", hint=SUM)
def one_added_to_the_forget_gate(x, h, c, Wx, Wh, b, pi, pf, po):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    return _peeped((zi, zf + 1.0, zg, zo), c, pi, pf, po)


@mistake("peephole_lstm_step", hint=PAIR)
def h_and_c_swapped(x, h, c, Wx, Wh, b, pi, pf, po):
    return _peephole(x, h, c, Wx, Wh, b, pi, pf, po)[::-1]


@mistake("peephole_lstm_step", hint=PAIR)
def h_and_c_swapped_at_the_entrance(x, h, c, Wx, Wh, b, pi, pf, po):
    return _peephole(x, c, h, Wx, Wh, b, pi, pf, po)


@mistake("peephole_lstm_step", hint=PAIR)
def h_returned_twice(x, h, c, Wx, Wh, b, pi, pf, po):
    h, _ = _peephole(x, h, c, Wx, Wh, b, pi, pf, po)
    return h, h


@mistake("peephole_lstm_step", hint=PAIR)
def old_c_returned(x, h, c, Wx, Wh, b, pi, pf, po):
    return _peephole(x, h, c, Wx, Wh, b, pi, pf, po)[0], c


@mistake("peephole_lstm_step", hint=PAIR)
def new_h_only(x, h, c, Wx, Wh, b, pi, pf, po):
    return _peephole(x, h, c, Wx, Wh, b, pi, pf, po)[0]


@mistake("peephole_lstm_step", hint=PAIR)
def output_and_list_of_states(x, h, c, Wx, Wh, b, pi, pf, po):
    h, c = _peephole(x, h, c, Wx, Wh, b, pi, pf, po)
    return h, [h, c]


@mistake("peephole_lstm_step", hint=PAIR)
def one_joined_array(x, h, c, Wx, Wh, b, pi, pf, po):
    return np.concatenate(_peephole(x, h, c, Wx, Wh, b, pi, pf, po), axis=1)


@mistake("peephole_lstm_step", hint=BOUNDS)
def memory_clipped(x, h, c, Wx, Wh, b, pi, pf, po):
    h, c = _peephole(x, h, c, Wx, Wh, b, pi, pf, po)
    return h, np.clip(c, -50.0, 50.0)


@mistake("peephole_lstm_step", hint=BOUNDS)
def old_h_clipped(x, h, c, Wx, Wh, b, pi, pf, po):
    return _peephole(x, np.clip(h, -1.0, 1.0), c, Wx, Wh, b, pi, pf, po)


@mistake("peephole_lstm_step", hint=ROWS)
def memory_averaged_over_the_batch(x, h, c, Wx, Wh, b, pi, pf, po):
    mean = np.repeat(c.mean(axis=0, keepdims=True), len(c), 0)
    return _peephole(x, h, mean, Wx, Wh, b, pi, pf, po)


@mistake("peephole_lstm_step", hint=ROWS)
def peepholes_read_the_first_row(x, h, c, Wx, Wh, b, pi, pf, po):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    new = sigmoid(zf + pf * c[:1]) * c + sigmoid(zi + pi * c[:1]) * np.tanh(zg)
    return sigmoid(zo + po * new[:1]) * np.tanh(new), new


@mistake("peephole_lstm_step", hint=IN_PLACE)
def old_c_changed_in_place(x, h, c, Wx, Wh, b, pi, pf, po):
    h, c[:] = _peephole(x, h, c, Wx, Wh, b, pi, pf, po)
    return h, c


@mistake("peephole_lstm_step", hint=IN_PLACE)
def old_h_changed_in_place(x, h, c, Wx, Wh, b, pi, pf, po):
    h[:], c = _peephole(x, h, c, Wx, Wh, b, pi, pf, po)
    return h, c


@mistake("peephole_lstm_step", hint=NO_RETURN)
def peephole_step_returns_nothing(x, h, c, Wx, Wh, b, pi, pf, po):
    _peephole(x, h, c, Wx, Wh, b, pi, pf, po)


@mistake("peephole_lstm_step", hint=UNKNOWN_NAME)
def size_from_another_cell(x, h, c, Wx, Wh, b, pi, pf, po):
    z = x @ Wx + h @ Wh + b
    return _peeped((z[:, :H], z[:, H : 2 * H], z[:, 2 * H : 3 * H], z[:, 3 * H :]), c, pi, pf, po)  # noqa: F821


@mistake("peephole_lstm_step", hint=SHAPES)
def peepholes_as_columns(x, h, c, Wx, Wh, b, pi, pf, po):
    return _peephole(x, h, c, Wx, Wh, b, pi[:, None], pf[:, None], po[:, None])


@mistake("peephole_lstm_step", hint=SHAPES)
def peepholes_as_matrices(x, h, c, Wx, Wh, b, pi, pf, po):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    return _peeped((zi + c @ pi, zf + c @ pf, zg, zo + c @ po), c, 0.0, 0.0, 0.0)


# projected_lstm_step

C_PROJECTED = """The projection makes the feedback narrow and leaves the memory alone. Which of the
two states keeps H numbers?"""
WHAT_IS_PROJECTED = "c' is right and r' is not. What exactly stands before Wp in the last equation?"
LINEAR = "The projection is a product with Wp and nothing else. What do you do to the result?"
NOT_PROJECTED = "The second state must come out of the step as narrow as it went in: P numbers."
WIDTH = """Four blocks make the pre-activations. How wide is a block: as wide as the memory, or as
wide as what is fed back?"""
R_PAIR = "The result is a pair, (r', c'), in this order, of shapes (B, P) and (B, H)."


def _projected_parts(x, r, c, Wx, Wr, b):
    """The right o, zo and c'."""
    zi, zf, zg, zo = _blocks(x, r, Wx, Wr, b)
    return sigmoid(zo), zo, sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)


def _projected(x, r, c, Wx, Wr, b, Wp):
    """The right step."""
    o, _, new = _projected_parts(x, r, c, Wx, Wr, b)
    return (o * np.tanh(new)) @ Wp, new


def _with_projection(rule):
    """An answer whose r' and c' come from ``rule(o, c', Wp, r)``."""

    def answer(x, r, c, Wx, Wr, b, Wp):
        o, _, new = _projected_parts(x, r, c, Wx, Wr, b)
        return rule(o, new, Wp, r)

    answer.__name__ = rule.__name__
    return answer


@mistake("projected_lstm_step", hint=C_PROJECTED)
@_with_projection
def c_projected_too(o, new, Wp, r):
    return (o * np.tanh(new)) @ Wp, new @ Wp


@mistake("projected_lstm_step", hint=C_PROJECTED)
@_with_projection
def c_projected_instead(o, new, Wp, r):
    return o * np.tanh(new), new @ Wp


@mistake("projected_lstm_step", hint=C_PROJECTED)
@_with_projection
def c_projected_and_brought_back(o, new, Wp, r):
    new = new @ Wp @ Wp.T
    return (o * np.tanh(new)) @ Wp, new


@mistake("projected_lstm_step", hint=C_PROJECTED)
@_with_projection
def c_projected_before_the_output(o, new, Wp, r):
    return np.tanh(new @ Wp), new


@mistake("projected_lstm_step", hint=C_PROJECTED)
@_with_projection
def c_and_o_projected_apart(o, new, Wp, r):
    return (o @ Wp) * np.tanh(new @ Wp), new


@mistake("projected_lstm_step", hint=WHAT_IS_PROJECTED)
@_with_projection
def tanh_projected_without_the_gate(o, new, Wp, r):
    return np.tanh(new) @ Wp, new


@mistake("projected_lstm_step", hint=WHAT_IS_PROJECTED)
@_with_projection
def gate_projected_alone(o, new, Wp, r):
    return o @ Wp, new


@mistake("projected_lstm_step", hint=WHAT_IS_PROJECTED)
@_with_projection
def gate_and_memory_projected_apart(o, new, Wp, r):
    return (o @ Wp) * (np.tanh(new) @ Wp), new


@mistake("projected_lstm_step", hint=WHAT_IS_PROJECTED)
@_with_projection
def old_r_added(o, new, Wp, r):
    return r + (o * np.tanh(new)) @ Wp, new


@mistake("projected_lstm_step", hint=WHAT_IS_PROJECTED)
def old_memory_projected(x, r, c, Wx, Wr, b, Wp):
    o, _, new = _projected_parts(x, r, c, Wx, Wr, b)
    return (o * np.tanh(c)) @ Wp, new


for _name, _rule in _OUTPUTS.items():
    if _name not in ("output_gate_missing", "output_from_the_old_c"):

        def _answer(x, r, c, Wx, Wr, b, Wp, rule=_rule):
            o, zo, new = _projected_parts(x, r, c, Wx, Wr, b)
            return rule(o, zo, c, new) @ Wp, new

        _register("projected_lstm_step", WHAT_IS_PROJECTED, _name, _answer)


@mistake("projected_lstm_step", hint=LINEAR)
@_with_projection
def projection_squashed_by_tanh(o, new, Wp, r):
    return np.tanh((o * np.tanh(new)) @ Wp), new


@mistake("projected_lstm_step", hint=LINEAR)
@_with_projection
def tanh_after_the_projection_instead(o, new, Wp, r):
    return np.tanh((o * new) @ Wp), new


@mistake("projected_lstm_step", hint=LINEAR)
@_with_projection
def projection_through_a_sigmoid(o, new, Wp, r):
    return sigmoid((o * np.tanh(new)) @ Wp), new


@mistake("projected_lstm_step", hint=LINEAR)
@_with_projection
def projection_through_a_relu(o, new, Wp, r):
    return np.maximum((o * np.tanh(new)) @ Wp, 0.0), new


@mistake("projected_lstm_step", hint=LINEAR)
@_with_projection
def projection_averaged(o, new, Wp, r):
    return (o * np.tanh(new)) @ Wp / len(Wp), new


@mistake("projected_lstm_step", hint=LINEAR)
@_with_projection
def projection_made_of_length_one(o, new, Wp, r):
    r = (o * np.tanh(new)) @ Wp
    return r / np.linalg.norm(r, axis=1, keepdims=True), new


@mistake("projected_lstm_step", hint=LINEAR)
def bias_added_to_the_projection(x, r, c, Wx, Wr, b, Wp):
    r, c = _projected(x, r, c, Wx, Wr, b, Wp)
    return r + np.resize(b, r.shape[1]), c


@mistake("projected_lstm_step", hint=NOT_PROJECTED)
@_with_projection
def nothing_projected(o, new, Wp, r):
    return o * np.tanh(new), new


@mistake("projected_lstm_step", hint=NOT_PROJECTED)
@_with_projection
def first_units_taken(o, new, Wp, r):
    return np.resize(o * np.tanh(new), r.shape), new


@mistake("projected_lstm_step", hint=NOT_PROJECTED)
@_with_projection
def projected_and_brought_back(o, new, Wp, r):
    return (o * np.tanh(new)) @ Wp @ Wp.T, new


@mistake("projected_lstm_step", hint=WIDTH)
def blocks_as_wide_as_the_projection(x, r, c, Wx, Wr, b, Wp):
    z, n = x @ Wx + r @ Wr + b, r.shape[1]
    zi, zf, zg, zo = (z[:, k * n : (k + 1) * n] for k in range(4))
    new = sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)
    return (sigmoid(zo) * np.tanh(new)) @ Wp, new


def _projected_in_order(order):
    def answer(x, r, c, Wx, Wr, b, Wp):
        blocks = dict(zip(order, _blocks(x, r, Wx, Wr, b), strict=True))
        new = sigmoid(blocks["f"]) * c + sigmoid(blocks["i"]) * np.tanh(blocks["g"])
        return (sigmoid(blocks["o"]) * np.tanh(new)) @ Wp, new

    return answer


for _order, _name in _ORDERS.items():
    _register("projected_lstm_step", BLOCKS, _name, _projected_in_order(_order))


@mistake("projected_lstm_step", hint=CANDIDATE)
def sigmoid_on_the_projected_cells_candidate(x, r, c, Wx, Wr, b, Wp):
    zi, zf, zg, zo = _blocks(x, r, Wx, Wr, b)
    new = sigmoid(zf) * c + sigmoid(zi) * sigmoid(zg)
    return (sigmoid(zo) * np.tanh(new)) @ Wp, new


@mistake("projected_lstm_step", hint=CANDIDATE)
def candidate_left_unsquashed(x, r, c, Wx, Wr, b, Wp):
    zi, zf, zg, zo = _blocks(x, r, Wx, Wr, b)
    new = sigmoid(zf) * c + sigmoid(zi) * zg
    return (sigmoid(zo) * np.tanh(new)) @ Wp, new


@mistake("projected_lstm_step", hint=CANDIDATE)
def tanh_on_every_block(x, r, c, Wx, Wr, b, Wp):
    i, f, g, o = (np.tanh(z) for z in _blocks(x, r, Wx, Wr, b))
    new = f * c + i * g
    return (o * np.tanh(new)) @ Wp, new


for _name, _rule in _MEMORIES.items():

    def _answer(x, r, c, Wx, Wr, b, Wp, rule=_rule):
        zi, zf, zg, zo = _blocks(x, r, Wx, Wr, b)
        new = rule(sigmoid(zi), sigmoid(zf), np.tanh(zg), c)
        return (sigmoid(zo) * np.tanh(new)) @ Wp, new

    _register("projected_lstm_step", MEMORY, _name, _answer)


@mistake("projected_lstm_step", hint=SUM)
def gates_without_bias(x, r, c, Wx, Wr, b, Wp):
    return _projected(x, r, c, Wx, Wr, 0.0, Wp)


@mistake("projected_lstm_step", hint=SUM)
def old_r_ignored(x, r, c, Wx, Wr, b, Wp):
    return _projected(x, np.zeros_like(r), c, Wx, Wr, b, Wp)


@mistake("projected_lstm_step", hint=SUM)
def gates_without_input(x, r, c, Wx, Wr, b, Wp):
    return _projected(np.zeros_like(x), r, c, Wx, Wr, b, Wp)


@mistake("projected_lstm_step", hint=SUM)
def old_r_squashed(x, r, c, Wx, Wr, b, Wp):
    return _projected(x, np.tanh(r), c, Wx, Wr, b, Wp)


@mistake("projected_lstm_step", hint=SUM)
def memory_projected_into_the_feedback(x, r, c, Wx, Wr, b, Wp):
    return _projected(x, c @ Wp, c, Wx, Wr, b, Wp)


@mistake("projected_lstm_step", hint=R_PAIR)
def r_and_c_swapped(x, r, c, Wx, Wr, b, Wp):
    return _projected(x, r, c, Wx, Wr, b, Wp)[::-1]


@mistake("projected_lstm_step", hint=R_PAIR)
def h_returned_besides(x, r, c, Wx, Wr, b, Wp):
    o, _, new = _projected_parts(x, r, c, Wx, Wr, b)
    return (o * np.tanh(new)) @ Wp, o * np.tanh(new), new


@mistake("projected_lstm_step", hint=R_PAIR)
def old_c_given_back(x, r, c, Wx, Wr, b, Wp):
    return _projected(x, r, c, Wx, Wr, b, Wp)[0], c


@mistake("projected_lstm_step", hint=R_PAIR)
def new_r_only(x, r, c, Wx, Wr, b, Wp):
    return _projected(x, r, c, Wx, Wr, b, Wp)[0]


@mistake("projected_lstm_step", hint=R_PAIR)
def r_and_list_of_states(x, r, c, Wx, Wr, b, Wp):
    r, c = _projected(x, r, c, Wx, Wr, b, Wp)
    return r, [r, c]


@mistake("projected_lstm_step", hint=BOUNDS)
def new_memory_clipped(x, r, c, Wx, Wr, b, Wp):
    r, c = _projected(x, r, c, Wx, Wr, b, Wp)
    return r, np.clip(c, -20.0, 20.0)


@mistake("projected_lstm_step", hint=BOUNDS)
def old_r_clipped(x, r, c, Wx, Wr, b, Wp):
    return _projected(x, np.clip(r, -1.5, 1.5), c, Wx, Wr, b, Wp)


@mistake("projected_lstm_step", hint=ROWS)
def feedback_averaged_over_the_batch(x, r, c, Wx, Wr, b, Wp):
    mean = np.repeat(r.mean(axis=0, keepdims=True), len(r), 0)
    return _projected(x, mean, c, Wx, Wr, b, Wp)


@mistake("projected_lstm_step", hint=IN_PLACE)
def c_changed_in_place(x, r, c, Wx, Wr, b, Wp):
    r, c[:] = _projected(x, r, c, Wx, Wr, b, Wp)
    return r, c


@mistake("projected_lstm_step", hint=IN_PLACE)
def r_changed_in_place(x, r, c, Wx, Wr, b, Wp):
    r[:], c = _projected(x, r, c, Wx, Wr, b, Wp)
    return r, c


@mistake("projected_lstm_step", hint=NO_RETURN)
def projected_step_returns_nothing(x, r, c, Wx, Wr, b, Wp):
    _projected(x, r, c, Wx, Wr, b, Wp)


@mistake("projected_lstm_step", hint=UNKNOWN_NAME)
def weights_under_another_name(x, r, c, Wx, Wr, b, Wp):
    return _projected(x, r, c, Wx, Wh, b, Wp)  # noqa: F821


@mistake("projected_lstm_step", hint=SHAPES)
def projection_transposed(x, r, c, Wx, Wr, b, Wp):
    return _projected(x, r, c, Wx, Wr, b, Wp.T)


@mistake("projected_lstm_step", hint=SHAPES)
def projection_at_the_entrance(x, r, c, Wx, Wr, b, Wp):
    return _projected(x, r @ Wp, c, Wx, Wr, b, Wp)


# stacked_lstm_step

RECURRENT_DROPOUT = """A mask reaches the recurrent path. What a layer reads of itself, its h and
its c, must pass from step to step untouched; masks belong on what goes up."""
MASKED_STATE = """The h that a layer keeps for its own next step is not the one it hands up: only
one of the two passes a mask. Which h do you put into the states?"""
SCALE = """A mask says more than what is dropped: its other entries are 1 / keep and not 1.
Multiply with the mask as it is."""
KEPT_AND_DROPPED = "A mask drops where it is 0. What does yours drop?"
WHICH_MASK = """A mask meets the wrong array. masks[0] is for x, masks[l] for what layer l reads of
the layer below, and the last for the output."""
MASK_LACKS = (
    "There is one mask for x, one between any two layers and one for the output. Count yours."
)
TWICE = """Something goes through a mask twice: once when it leaves a layer, once when it enters
the next."""
AFTER_PRODUCT = "A mask multiplies what goes into a layer, before any weight. Where is yours?"
WHAT_GOES_UP = (
    "Each layer reads what the layer below has just put out in this step. What do you hand up?"
)
OWN_LAYER = "Every layer has weights, h and c of its own. Which index do you use in the loop?"
ALL_LAYERS = "The number of layers is a matter of the arguments. How many does your loop visit?"
LAST = "The output comes from the last layer: its new h, through the last mask."
OLD_STATES = "The states that are returned must be those after this step, of every layer."
STATES_FORM = """The result is a pair: the output, then a list with one pair (h, c) for each layer,
in the order in which the states came in."""
INNER_STEP = "The stack is right and the LSTM step in it is not. Compare it with its equations."


def _lstm(x, h, c, Wx, Wh, b):
    """The right step of one layer."""
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    c = sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)
    return sigmoid(zo) * np.tanh(c), c


def _stack(x, states, layers, masks, step=_lstm):
    """The right step through a stack, or one with another step in each layer."""
    new = []
    for (h, c), layer, mask in zip(states, layers, masks, strict=False):
        h, c = step(x * mask, h, c, *layer)
        new.append((h, c))
        x = h
    return masks[len(layers)] * x, new


@mistake("stacked_lstm_step", hint=RECURRENT_DROPOUT)
def h_masked_before_the_recurrent_product(x, states, layers, masks):
    masked = [(m * h, c) for m, (h, c) in zip(masks[1:], states, strict=True)]
    return _stack(x, masked, layers, masks)


@mistake("stacked_lstm_step", hint=RECURRENT_DROPOUT)
def recurrent_dropout_only(x, states, layers, masks):
    masked = [(m * h, c) for m, (h, c) in zip(masks[1:], states, strict=True)]
    return _stack(x, masked, layers, [np.ones_like(m) for m in masks])


@mistake("stacked_lstm_step", hint=RECURRENT_DROPOUT)
def c_masked_before_the_step(x, states, layers, masks):
    masked = [(h, m * c) for m, (h, c) in zip(masks[1:], states, strict=True)]
    return _stack(x, masked, layers, masks)


@mistake("stacked_lstm_step", hint=RECURRENT_DROPOUT)
def both_states_masked_before_the_step(x, states, layers, masks):
    masked = [(m * h, m * c) for m, (h, c) in zip(masks[1:], states, strict=True)]
    return _stack(x, masked, layers, masks)


@mistake("stacked_lstm_step", hint=RECURRENT_DROPOUT)
def new_c_masked(x, states, layers, masks):
    output, new = _stack(x, states, layers, masks)
    return output, [(h, m * c) for m, (h, c) in zip(masks[1:], new, strict=True)]


@mistake("stacked_lstm_step", hint=RECURRENT_DROPOUT)
def both_new_states_masked(x, states, layers, masks):
    output, new = _stack(x, states, layers, masks)
    return output, [(m * h, m * c) for m, (h, c) in zip(masks[1:], new, strict=True)]


@mistake("stacked_lstm_step", hint=RECURRENT_DROPOUT)
def dropped_units_keep_their_old_state(x, states, layers, masks):
    output, new = _stack(x, states, layers, masks)
    kept = zip(masks[1:], states, new, strict=True)
    return output, [tuple(np.where(m > 0, *p) for p in zip(n, s, strict=True)) for m, s, n in kept]


@mistake("stacked_lstm_step", hint=MASKED_STATE)
def masked_h_in_the_states(x, states, layers, masks):
    output, new = _stack(x, states, layers, masks)
    return output, [(m * h, c) for m, (h, c) in zip(masks[1:], new, strict=True)]


@mistake("stacked_lstm_step", hint=MASKED_STATE)
def masked_h_in_the_state_of_the_last_layer(x, states, layers, masks):
    output, new = _stack(x, states, layers, masks)
    return output, [*new[:-1], (output, new[-1][1])]


@mistake("stacked_lstm_step", hint=MASKED_STATE)
def masked_h_in_the_states_but_the_last(x, states, layers, masks):
    output, new = _stack(x, states, layers, masks)
    below = [(m * h, c) for m, (h, c) in zip(masks[1:-1], new[:-1], strict=True)]
    return output, [*below, new[-1]]


@mistake("stacked_lstm_step", hint=MASKED_STATE)
def masked_x_and_h_kept_as_states(x, states, layers, masks):
    output, new = _stack(x, states, layers, masks)
    inputs = [x * masks[0], *(m * h for m, (h, _) in zip(masks[1:-1], new[:-1], strict=True))]
    return output, [(i, c) for i, (_, c) in zip(inputs, new, strict=True)]


for _name, _change, _hint in (
    ("scale_thrown_away", lambda m: m > 0, SCALE),
    ("mask_as_zeros_and_ones", lambda m: np.minimum(m, 1.0), SCALE),
    ("mask_divided_by_its_mean", lambda m: m / max(m.mean(), 0.1), SCALE),
    ("keep_multiplied_at_the_end", lambda m: m / max(m.max(), 1.0) ** 2, SCALE),
    ("scale_without_dropping", lambda m: np.full_like(m, max(m.max(), 1.0)), KEPT_AND_DROPPED),
    ("mask_turned_around", lambda m: np.where(m > 0, 0.0, 1.0), KEPT_AND_DROPPED),
    ("one_minus_the_mask", lambda m: 1.0 - m, KEPT_AND_DROPPED),
    ("mask_of_the_first_row_for_all", lambda m: np.repeat(m[:1], len(m), 0), ROWS),
    ("mask_averaged_over_the_batch", lambda m: np.repeat(m.mean(0)[None], len(m), 0), ROWS),
):

    def _answer(x, states, layers, masks, change=_change):
        return _stack(x, states, layers, [change(m) for m in masks])

    _register("stacked_lstm_step", _hint, _name, _answer)


for _name, _kept in {
    "no_mask": lambda n, last: False,
    "mask_of_x_missing": lambda n, last: n > 0,
    "mask_of_the_output_missing": lambda n, last: n < last,
    "masks_between_layers_missing": lambda n, last: n in (0, last),
    "only_the_mask_of_x": lambda n, last: n == 0,
    "only_the_mask_of_the_output": lambda n, last: n == last,
    "only_masks_between_layers": lambda n, last: 0 < n < last,
}.items():

    def _answer(x, states, layers, masks, kept=_kept):
        last = len(masks) - 1
        used = [m if kept(n, last) else np.ones_like(m) for n, m in enumerate(masks)]
        return _stack(x, states, layers, used)

    _register("stacked_lstm_step", MASK_LACKS, _name, _answer)


@mistake("stacked_lstm_step", hint=WHICH_MASK)
def masks_shifted_by_a_layer(x, states, layers, masks):
    return _stack(x, states, layers, [*masks[1:], masks[-1]])


@mistake("stacked_lstm_step", hint=WHICH_MASK)
def masks_shifted_the_other_way(x, states, layers, masks):
    return _stack(x, states, layers, [masks[0], *masks[:-1]])


@mistake("stacked_lstm_step", hint=WHICH_MASK)
def masks_shifted_and_x_unmasked(x, states, layers, masks):
    return _stack(x, states, layers, [np.ones_like(masks[0]), *masks[:-1]])


@mistake("stacked_lstm_step", hint=WHICH_MASK)
def masks_from_the_top(x, states, layers, masks):
    return _stack(x, states, layers, masks[::-1])


@mistake("stacked_lstm_step", hint=WHICH_MASK)
def first_mask_everywhere(x, states, layers, masks):
    return _stack(x, states, layers, [masks[0]] * len(masks))


@mistake("stacked_lstm_step", hint=WHICH_MASK)
def output_through_the_mask_of_x(x, states, layers, masks):
    return _stack(x, states, layers, [*masks[:-1], masks[0]])


@mistake("stacked_lstm_step", hint=WHICH_MASK)
def output_through_the_last_mask_but_one(x, states, layers, masks):
    return _stack(x, states, layers, [*masks[:-1], masks[-2]])


@mistake("stacked_lstm_step", hint=TWICE)
def masked_when_leaving_and_when_entering(x, states, layers, masks):
    return _stack(x, states, layers, [masks[0], *(m * m for m in masks[1:-1]), masks[-1]])


@mistake("stacked_lstm_step", hint=TWICE)
def every_mask_twice(x, states, layers, masks):
    return _stack(x, states, layers, [m * m for m in masks])


@mistake("stacked_lstm_step", hint=TWICE)
def output_masked_twice(x, states, layers, masks):
    return _stack(x, states, layers, [*masks[:-1], masks[-1] ** 2])


@mistake("stacked_lstm_step", hint=AFTER_PRODUCT)
def masks_on_the_pre_activations(x, states, layers, masks):
    new = []
    for n, ((h, c), layer) in enumerate(zip(states, layers, strict=True)):
        blocks = (masks[n + 1] * z for z in _blocks(x, h, *layer))
        zi, zf, zg, zo = blocks
        c = sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)
        x = sigmoid(zo) * np.tanh(c)
        new.append((x, c))
    return masks[-1] * x, new


@mistake("stacked_lstm_step", hint=AFTER_PRODUCT)
def masks_on_the_candidate(x, states, layers, masks):
    new = []
    for n, ((h, c), layer) in enumerate(zip(states, layers, strict=True)):
        zi, zf, zg, zo = _blocks(x, h, *layer)
        c = sigmoid(zf) * c + masks[n + 1] * sigmoid(zi) * np.tanh(zg)
        x = sigmoid(zo) * np.tanh(c)
        new.append((x, c))
    return x, new


@mistake("stacked_lstm_step", hint=AFTER_PRODUCT)
def masks_added(x, states, layers, masks):
    new = []
    for (h, c), layer, mask in zip(states, layers, masks, strict=False):
        x, c = _lstm(x + mask, h, c, *layer)
        new.append((x, c))
    return x + masks[-1], new


def _going_up(rule):
    """An answer in which ``rule(h, c, h', c', x)`` goes up to the next layer."""

    def answer(x, states, layers, masks):
        new, up, last = [], x, x
        for (h, c), layer, mask in zip(states, layers, masks, strict=False):
            state = _lstm(up * mask, h, c, *layer)
            new.append(state)
            up, last = rule(h, c, *state, up), state[0]
        return masks[len(layers)] * last, new

    answer.__name__ = rule.__name__
    return answer


@mistake("stacked_lstm_step", hint=WHAT_GOES_UP)
@_going_up
def old_h_goes_up(h, c, new_h, new_c, x):
    return h


@mistake("stacked_lstm_step", hint=WHAT_GOES_UP)
@_going_up
def new_c_goes_up(h, c, new_h, new_c, x):
    return new_c


@mistake("stacked_lstm_step", hint=WHAT_GOES_UP)
@_going_up
def squashed_c_goes_up(h, c, new_h, new_c, x):
    return np.tanh(new_c)


@mistake("stacked_lstm_step", hint=WHAT_GOES_UP)
@_going_up
def squashed_h_goes_up(h, c, new_h, new_c, x):
    return np.tanh(new_h)


@mistake("stacked_lstm_step", hint=WHAT_GOES_UP)
@_going_up
def every_layer_reads_x(h, c, new_h, new_c, x):
    return x


@mistake("stacked_lstm_step", hint=WHAT_GOES_UP)
@_going_up
def shortcut_around_the_layer(h, c, new_h, new_c, x):
    return x + new_h


@mistake("stacked_lstm_step", hint=WHAT_GOES_UP)
@_going_up
def zeros_go_up(h, c, new_h, new_c, x):
    return np.zeros_like(new_h)


@mistake("stacked_lstm_step", hint=OWN_LAYER)
def weights_of_the_first_layer_for_all(x, states, layers, masks):
    return _stack(x, states, [layers[0]] * len(layers), masks)


@mistake("stacked_lstm_step", hint=OWN_LAYER)
def states_of_the_first_layer_for_all(x, states, layers, masks):
    return _stack(x, [states[0]] * len(layers), layers, masks)


@mistake("stacked_lstm_step", hint=OWN_LAYER)
def states_of_the_last_layer_for_all(x, states, layers, masks):
    return _stack(x, [states[-1]] * len(layers), layers, masks)


@mistake("stacked_lstm_step", hint=OWN_LAYER)
def new_states_of_the_layer_below_taken_over(x, states, layers, masks):
    new, state = [], states[0]
    for layer, mask in zip(layers, masks, strict=False):
        state = _lstm(x * mask, *state, *layer)
        new.append(state)
        x = state[0]
    return masks[-1] * x, new


@mistake("stacked_lstm_step", hint=OWN_LAYER)
def layers_from_the_top(x, states, layers, masks):
    return _stack(x, states, layers[::-1], masks)


@mistake("stacked_lstm_step", hint=OWN_LAYER)
def states_from_the_top(x, states, layers, masks):
    return _stack(x, states[::-1], layers, masks)


@mistake("stacked_lstm_step", hint=OWN_LAYER)
def states_start_at_zero(x, states, layers, masks):
    zeros = [(np.zeros_like(h), np.zeros_like(c)) for h, c in states]
    return _stack(x, zeros, layers, masks)


@mistake("stacked_lstm_step", hint=OWN_LAYER)
def h_and_c_swapped_when_read(x, states, layers, masks):
    return _stack(x, [(c, h) for h, c in states], layers, masks)


@mistake("stacked_lstm_step", hint=ALL_LAYERS)
def first_layer_only(x, states, layers, masks):
    output, new = _stack(x, states[:1], layers[:1], masks)
    return output, [*new, *states[1:]]


@mistake("stacked_lstm_step", hint=ALL_LAYERS)
def last_layer_skipped(x, states, layers, masks):
    output, new = _stack(x, states[:-1], layers[:-1], masks)
    return output, [*new, states[-1]]


@mistake("stacked_lstm_step", hint=ALL_LAYERS)
def two_layers_hard_coded(x, states, layers, masks):
    h0, c0 = _lstm(x * masks[0], *states[0], *layers[0])
    h1, c1 = _lstm(h0 * masks[1], *states[1], *layers[1])
    return h1 * masks[2], [(h0, c0), (h1, c1)]


@mistake("stacked_lstm_step", hint=ALL_LAYERS)
def no_more_than_two_layers(x, states, layers, masks):
    return _stack(x, states[:2], layers[:2], masks)


@mistake("stacked_lstm_step", hint=ALL_LAYERS)
def no_more_than_three_layers(x, states, layers, masks):
    output, new = _stack(x, states[:3], layers[:3], masks)
    return output, [*new, *states[3:]]


@mistake("stacked_lstm_step", hint=ALL_LAYERS)
def returns_inside_the_loop(x, states, layers, masks):
    for (h, c), layer, mask in zip(states, layers, masks, strict=False):
        h, c = _lstm(x * mask, h, c, *layer)
        return masks[1] * h, [(h, c)]


def _with_output(rule):
    """An answer whose output is ``rule(output, old states, new states, masks)``."""

    def answer(x, states, layers, masks):
        output, new = _stack(x, states, layers, masks)
        return rule(output, states, new, masks), new

    answer.__name__ = rule.__name__
    return answer


@mistake("stacked_lstm_step", hint=LAST)
@_with_output
def output_of_the_first_layer(output, states, new, masks):
    return masks[1] * new[0][0]


@mistake("stacked_lstm_step", hint=LAST)
@_with_output
def c_as_the_output(output, states, new, masks):
    return masks[-1] * new[-1][1]


@mistake("stacked_lstm_step", hint=LAST)
@_with_output
def old_h_as_the_output(output, states, new, masks):
    return masks[-1] * states[-1][0]


@mistake("stacked_lstm_step", hint=LAST)
@_with_output
def outputs_of_all_layers_joined(output, states, new, masks):
    return np.concatenate([m * h for m, (h, _) in zip(masks[1:], new, strict=True)], axis=1)


@mistake("stacked_lstm_step", hint=LAST)
@_with_output
def list_of_all_outputs(output, states, new, masks):
    return [m * h for m, (h, _) in zip(masks[1:], new, strict=True)]


@mistake("stacked_lstm_step", hint=OLD_STATES)
def old_states_returned(x, states, layers, masks):
    return _stack(x, states, layers, masks)[0], states


@mistake("stacked_lstm_step", hint=OLD_STATES)
def old_c_in_the_states(x, states, layers, masks):
    output, new = _stack(x, states, layers, masks)
    return output, [(h, c) for (h, _), (_, c) in zip(new, states, strict=True)]


@mistake("stacked_lstm_step", hint=OLD_STATES)
def old_h_in_the_states(x, states, layers, masks):
    output, new = _stack(x, states, layers, masks)
    return output, [(h, c) for (_, c), (h, _) in zip(new, states, strict=True)]


@mistake("stacked_lstm_step", hint=OLD_STATES)
def new_states_after_the_old_ones(x, states, layers, masks):
    output, new = _stack(x, states, layers, masks)
    return output, [*states, *new]


def _stack_returned(rule):
    """An answer that returns ``rule(output, states)``."""

    def answer(x, states, layers, masks):
        return rule(*_stack(x, states, layers, masks))

    answer.__name__ = rule.__name__
    return answer


@mistake("stacked_lstm_step", hint=STATES_FORM)
@_stack_returned
def states_as_c_and_h(output, new):
    return output, [(c, h) for h, c in new]


@mistake("stacked_lstm_step", hint=STATES_FORM)
@_stack_returned
def states_in_reverse(output, new):
    return output, new[::-1]


@mistake("stacked_lstm_step", hint=STATES_FORM)
@_stack_returned
def states_of_the_last_layer_only(output, new):
    return output, new[-1]


@mistake("stacked_lstm_step", hint=STATES_FORM)
@_stack_returned
def states_flat(output, new):
    return output, [a for pair in new for a in pair]


@mistake("stacked_lstm_step", hint=STATES_FORM)
@_stack_returned
def all_h_then_all_c(output, new):
    return output, [[h for h, _ in new], [c for _, c in new]]


@mistake("stacked_lstm_step", hint=STATES_FORM)
@_stack_returned
def list_of_h_only(output, new):
    return output, [h for h, _ in new]


@mistake("stacked_lstm_step", hint=STATES_FORM)
@_stack_returned
def states_before_the_output(output, new):
    return new, output


@mistake("stacked_lstm_step", hint=STATES_FORM)
@_stack_returned
def states_not_in_a_list(output, new):
    return output, *new


@mistake("stacked_lstm_step", hint=STATES_FORM)
@_stack_returned
def stack_output_only(output, new):
    return output


@mistake("stacked_lstm_step", hint=STATES_FORM)
@_stack_returned
def stack_states_only(output, new):
    return new


@mistake("stacked_lstm_step", hint=STATES_FORM)
@_stack_returned
def h_twice_in_the_states(output, new):
    return output, [(h, h) for h, _ in new]


def _inner(rule):
    """An answer with a wrong step, ``rule(zi, zf, zg, zo, c)``, in each layer."""

    def step(x, h, c, Wx, Wh, b):
        return rule(*_blocks(x, h, Wx, Wh, b), c)

    def answer(x, states, layers, masks):
        return _stack(x, states, layers, masks, step)

    answer.__name__ = rule.__name__
    return answer


@mistake("stacked_lstm_step", hint=INNER_STEP)
@_inner
def i_and_f_swapped_in_the_stack(zi, zf, zg, zo, c):
    c = sigmoid(zi) * c + sigmoid(zf) * np.tanh(zg)
    return sigmoid(zo) * np.tanh(c), c


@mistake("stacked_lstm_step", hint=INNER_STEP)
@_inner
def order_of_the_book_in_the_stack(zi, zg, zf, zo, c):
    c = sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)
    return sigmoid(zo) * np.tanh(c), c


@mistake("stacked_lstm_step", hint=INNER_STEP)
@_inner
def order_i_f_o_g_in_the_stack(zi, zf, zo, zg, c):
    c = sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)
    return sigmoid(zo) * np.tanh(c), c


@mistake("stacked_lstm_step", hint=INNER_STEP)
@_inner
def sigmoid_on_the_candidate_in_the_stack(zi, zf, zg, zo, c):
    c = sigmoid(zf) * c + sigmoid(zi) * sigmoid(zg)
    return sigmoid(zo) * np.tanh(c), c


@mistake("stacked_lstm_step", hint=INNER_STEP)
@_inner
def tanh_missing_in_the_stack(zi, zf, zg, zo, c):
    c = sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)
    return sigmoid(zo) * c, c


@mistake("stacked_lstm_step", hint=INNER_STEP)
@_inner
def output_from_the_old_c_in_the_stack(zi, zf, zg, zo, c):
    return sigmoid(zo) * np.tanh(c), sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)


@mistake("stacked_lstm_step", hint=INNER_STEP)
@_inner
def forget_gate_missing_in_the_stack(zi, zf, zg, zo, c):
    c = c + sigmoid(zi) * np.tanh(zg)
    return sigmoid(zo) * np.tanh(c), c


@mistake("stacked_lstm_step", hint=INNER_STEP)
@_inner
def old_c_ignored_in_the_stack(zi, zf, zg, zo, c):
    c = sigmoid(zi) * np.tanh(zg)
    return sigmoid(zo) * np.tanh(c), c


@mistake("stacked_lstm_step", hint=INNER_STEP)
def bias_missing_in_the_stack(x, states, layers, masks):
    return _stack(x, states, [(Wx, Wh, 0.0) for Wx, Wh, _ in layers], masks)


@mistake("stacked_lstm_step", hint=INNER_STEP)
def own_h_ignored_in_the_stack(x, states, layers, masks):
    return _stack(x, states, [(Wx, np.zeros_like(Wh), b) for Wx, Wh, b in layers], masks)


@mistake("stacked_lstm_step", hint=ROWS)
def states_averaged_over_the_batch(x, states, layers, masks):
    means = [tuple(np.repeat(a.mean(0)[None], len(a), 0) for a in pair) for pair in states]
    return _stack(x, means, layers, masks)


@mistake("stacked_lstm_step", hint=IN_PLACE)
def list_of_states_overwritten(x, states, layers, masks):
    output, states[:] = _stack(x, states, layers, masks)
    return output, states


@mistake("stacked_lstm_step", hint=IN_PLACE)
def arrays_of_the_states_overwritten(x, states, layers, masks):
    output, new = _stack(x, states, layers, masks)
    for (h, c), (new_h, new_c) in zip(states, new, strict=True):
        h[:], c[:] = new_h, new_c
    return output, states


@mistake("stacked_lstm_step", hint=IN_PLACE)
def x_masked_in_place(x, states, layers, masks):
    x *= masks[0]
    return _stack(x, states, layers, [np.ones_like(x), *masks[1:]])


@mistake("stacked_lstm_step", hint=IN_PLACE)
def masks_used_up(x, states, layers, masks):
    first = masks.pop(0)
    return _stack(x, states, layers, [first, *masks])


@mistake("stacked_lstm_step", hint=IN_PLACE)
def states_used_up(x, states, layers, masks):
    result = _stack(x, states, layers, masks)
    states.clear()
    return result


@mistake("stacked_lstm_step", hint=NO_RETURN)
def stack_returns_nothing(x, states, layers, masks):
    _stack(x, states, layers, masks)


@mistake("stacked_lstm_step", hint=UNKNOWN_NAME)
def number_of_layers_from_another_cell(x, states, layers, masks):
    return _stack(x, states[:L], layers, masks)  # noqa: F821


@mistake("stacked_lstm_step", hint=SHAPES)
def equal_widths_needed(x, states, layers, masks):
    Wx, Wh, b = (np.array([layer[k] for layer in layers]) for k in range(3))
    hs, cs = np.array([h for h, _ in states]), np.array([c for _, c in states])
    pairs = [(hs[n], cs[n]) for n in range(len(layers))]
    return _stack(x, pairs, [(Wx[n], Wh[n], b[n]) for n in range(len(layers))], masks)


# lstm_param_count

BIAS = "Every gate has one bias for each unit. How many numbers has b?"
FOUR = """There are four packed blocks, one for each gate and one for the candidate, and each has
weights for x, weights for what is fed back, and a bias."""
PROJECTION = """With a projection two things change: how many numbers are fed back to the four
blocks, and one more matrix, without a bias. What are the shapes of Wr and Wp?"""
PEEPHOLES = """A peephole is one number for each unit, and only three of the four blocks have one.
What are the shapes of pi, pf and po?"""
OPTIONS = """The two options do not exclude each other, and without them nothing may be added. Try
all four combinations."""
WHOLE = "One whole number is asked for, and nothing else. What do you return?"
NOT_WEIGHTS = "Count only what training adjusts in this layer: no states, no batch, no other layer."


def _count(inputs, units, projection=None, peepholes=False):
    """The right number."""
    fed_back = units if projection is None else projection
    count = 4 * units * (inputs + fed_back + 1)
    return (
        count + (0 if projection is None else units * projection) + (3 * units if peepholes else 0)
    )


def _counted(hint):
    """Register an answer, a rule of (D, H, P or None, peepholes or not)."""

    def register(rule):
        def answer(inputs, units, projection=None, peepholes=False):
            return rule(inputs, units, projection, peepholes)

        _register("lstm_param_count", hint, rule.__name__, answer)

    return register


@_counted(BIAS)
def bias_not_counted(D, H, P, peepholes):
    return _count(D, H, P, peepholes) - 4 * H


@_counted(BIAS)
def two_biases_counted(D, H, P, peepholes):
    return _count(D, H, P, peepholes) + 4 * H


@_counted(BIAS)
def one_bias_for_all_gates(D, H, P, peepholes):
    return _count(D, H, P, peepholes) - 3 * H


@_counted(BIAS)
def one_number_as_bias_of_a_gate(D, H, P, peepholes):
    return _count(D, H, P, peepholes) - 4 * H + 4


@_counted(FOUR)
def one_block_only(D, H, P, peepholes):
    return _count(D, H, P, peepholes) - 3 * H * (D + (P or H) + 1)


@_counted(FOUR)
def three_blocks(D, H, P, peepholes):
    return _count(D, H, P, peepholes) - H * (D + (P or H) + 1)


@_counted(FOUR)
def five_blocks(D, H, P, peepholes):
    return _count(D, H, P, peepholes) + H * (D + (P or H) + 1)


@_counted(FOUR)
def weights_of_the_input_once_only(D, H, P, peepholes):
    return _count(D, H, P, peepholes) - 3 * H * D


@_counted(FOUR)
def weights_of_the_state_once_only(D, H, P, peepholes):
    return _count(D, H, P, peepholes) - 3 * H * (P or H)


@_counted(FOUR)
def inputs_forgotten(D, H, P, peepholes):
    return _count(D, H, P, peepholes) - 4 * H * D


@_counted(FOUR)
def recurrent_weights_forgotten(D, H, P, peepholes):
    return _count(D, H, P, peepholes) - 4 * H * (P or H)


@_counted(FOUR)
def inputs_and_units_swapped(D, H, P, peepholes):
    return _count(H, D, P, peepholes)


@_counted(FOUR)
def one_unit_only(D, H, P, peepholes):
    return 4 * (D + (P or H) + 1)


@_counted(FOUR)
def width_of_a_block_four_times_twice(D, H, P, peepholes):
    return _count(D, 4 * H, P, peepholes)


@_counted(PROJECTION)
def recurrent_weights_as_wide_as_before(D, H, P, peepholes):
    return _count(D, H, None, peepholes) + H * (P or 0)


@_counted(PROJECTION)
def projection_matrix_not_counted(D, H, P, peepholes):
    return _count(D, H, P, peepholes) - H * (P or 0)


@_counted(PROJECTION)
def bias_of_the_projection_counted(D, H, P, peepholes):
    return _count(D, H, P, peepholes) + (P or 0)


@_counted(PROJECTION)
def projection_ignored(D, H, P, peepholes):
    return _count(D, H, None, peepholes)


@_counted(PROJECTION)
def projection_for_the_units_everywhere(D, H, P, peepholes):
    return _count(D, P or H, None, peepholes)


@_counted(PROJECTION)
def projection_counted_for_each_gate(D, H, P, peepholes):
    return _count(D, H, P, peepholes) + 3 * H * (P or 0)


@_counted(PROJECTION)
def projection_of_the_input_instead(D, H, P, peepholes):
    return _count(D, H, None, peepholes) + (0 if P is None else P * (D + H) - 4 * H * D)


@_counted(PROJECTION)
def projection_matrix_square(D, H, P, peepholes):
    return _count(D, H, P, peepholes) + (0 if P is None else P * P - H * P)


@_counted(PROJECTION)
def projection_also_back_to_the_units(D, H, P, peepholes):
    return _count(D, H, P, peepholes) + H * (P or 0)


@_counted(PROJECTION)
def projection_as_wide_as_the_cell_left_out(D, H, P, peepholes):
    return _count(D, H, None if P == H else P, peepholes)


@_counted(PEEPHOLES)
def peepholes_ignored(D, H, P, peepholes):
    return _count(D, H, P, False)


@_counted(PEEPHOLES)
def four_peepholes(D, H, P, peepholes):
    return _count(D, H, P, peepholes) + H * peepholes


@_counted(PEEPHOLES)
def one_peephole(D, H, P, peepholes):
    return _count(D, H, P, peepholes) - 2 * H * peepholes


@_counted(PEEPHOLES)
def two_peepholes(D, H, P, peepholes):
    return _count(D, H, P, peepholes) - H * peepholes


@_counted(PEEPHOLES)
def three_numbers_as_peepholes(D, H, P, peepholes):
    return _count(D, H, P, False) + 3 * peepholes


@_counted(PEEPHOLES)
def peepholes_as_matrices_counted(D, H, P, peepholes):
    return _count(D, H, P, False) + 3 * H * H * peepholes


@_counted(PEEPHOLES)
def peepholes_as_wide_as_the_projection(D, H, P, peepholes):
    return _count(D, H, P, False) + 3 * (P or H) * peepholes


@_counted(OPTIONS)
def peepholes_always(D, H, P, peepholes):
    return _count(D, H, P, True)


@_counted(OPTIONS)
def projection_always(D, H, P, peepholes):
    return _count(D, H, P or H, peepholes)


@_counted(OPTIONS)
def projection_shuts_the_peepholes_out(D, H, P, peepholes):
    return _count(D, H, P, peepholes and P is None)


@_counted(OPTIONS)
def peepholes_shut_the_projection_out(D, H, P, peepholes):
    return _count(D, H, None if peepholes else P, peepholes)


@_counted(NOT_WEIGHTS)
def states_counted(D, H, P, peepholes):
    return _count(D, H, P, peepholes) + 2 * H


@_counted(NOT_WEIGHTS)
def an_output_layer_counted(D, H, P, peepholes):
    return _count(D, H, P, peepholes) + H + 1


@_counted(WHOLE)
def counted_in_thousands(D, H, P, peepholes):
    return _count(D, H, P, peepholes) / 1000


@_counted(WHOLE)
def count_as_text(D, H, P, peepholes):
    return f"{_count(D, H, P, peepholes)}"


@_counted(WHOLE)
def count_by_matrix(D, H, P, peepholes):
    return [4 * H * D, 4 * H * (P or H), 4 * H]


@_counted(WHOLE)
def count_by_name(D, H, P, peepholes):
    return {"Wx": 4 * H * D, "Wh": 4 * H * (P or H), "b": 4 * H}


@_counted(NO_RETURN)
def count_printed_only(D, H, P, peepholes):
    _count(D, H, P, peepholes)


@mistake("lstm_param_count", hint=UNKNOWN_NAME)
def count_from_other_cells(inputs, units, projection=None, peepholes=False):
    return Wx.size + Wh.size + b.size  # noqa: F821


# gru_step

GRU_BLOCKS = """The three blocks of columns are taken for the wrong gates. In which order do the
columns of Wx and Wh hold z, r and n?"""
EXCHANGED = (
    "What keeps the old state when z is 1? One of the two factors belongs to the other term."
)
RESET = """The reset gate multiplies what comes from the old state, and only that, after the
product with Wh. What does yours multiply, and when?"""
BIASES = """There are two biases: bx belongs to the product with x, bh to the product with h. How
often does each count, and which of them does r multiply?"""
GRU_SQUASH = "Compare which function squashes each of the three blocks: two are gates, one is not."
MIX = "The new state departs from the last equation. It mixes two things in shares that add to one."
GRU_SUM = "The pre-activations are wrong. Compare both sums with the equations, term by term."
ONE_STATE = "A GRU has one state, and the result is one array of shape (B, H)."


def _gru_blocks(x, h, Wx, Wh, bx, bh):
    """The right pre-activations from x and from h."""
    return np.split(x @ Wx + bx, 3, axis=1), np.split(h @ Wh + bh, 3, axis=1)


def _gru(x, h, Wx, Wh, bx, bh):
    """The right step."""
    (xz, xr, xn), (hz, hr, hn) = _gru_blocks(x, h, Wx, Wh, bx, bh)
    z, r = sigmoid(xz + hz), sigmoid(xr + hr)
    return z * h + (1.0 - z) * np.tanh(xn + r * hn)


def _with_candidate(hint):
    """Register an answer whose n comes from ``rule(x's blocks, h's blocks, r)``."""

    def register(rule):
        def answer(x, h, Wx, Wh, bx, bh):
            xs, hs = _gru_blocks(x, h, Wx, Wh, bx, bh)
            z, r = sigmoid(xs[0] + hs[0]), sigmoid(xs[1] + hs[1])
            return z * h + (1.0 - z) * rule(xs[2], hs[2], r)

        _register("gru_step", hint, rule.__name__, answer)

    return register


def _with_mix(hint):
    """Register an answer whose h' comes from ``rule(z, r, n, h)``."""

    def register(rule):
        def answer(x, h, Wx, Wh, bx, bh):
            (xz, xr, xn), (hz, hr, hn) = _gru_blocks(x, h, Wx, Wh, bx, bh)
            z, r = sigmoid(xz + hz), sigmoid(xr + hr)
            return rule(z, r, np.tanh(xn + r * hn), h)

        _register("gru_step", hint, rule.__name__, answer)

    return register


def _thirds(a, h):
    """Three blocks of columns; of a bias too."""
    n = h.shape[1]
    return a[..., :n], a[..., n : 2 * n], a[..., 2 * n :]


def _reset_first(x, h, Wx, Wh, bx, bh, r_bias):
    """n with the reset gate on h itself, before the product."""
    (xz, xr, xn), (hz, hr, _) = _gru_blocks(x, h, Wx, Wh, bx, bh)
    z, r = sigmoid(xz + hz), sigmoid(xr + hr)
    Wn, bn = _thirds(Wh, h)[2], _thirds(bh, h)[2]
    n = np.tanh(xn + (r * h) @ Wn + (r * bn if r_bias else bn))
    return z * h + (1.0 - z) * n


@mistake("gru_step", hint=RESET)
def reset_before_the_product(x, h, Wx, Wh, bx, bh):
    return _reset_first(x, h, Wx, Wh, bx, bh, r_bias=False)


@mistake("gru_step", hint=RESET)
def reset_before_the_product_and_on_the_bias(x, h, Wx, Wh, bx, bh):
    return _reset_first(x, h, Wx, Wh, bx, bh, r_bias=True)


@mistake("gru_step", hint=RESET)
def reset_before_the_product_and_one_bias(x, h, Wx, Wh, bx, bh):
    n = h.shape[1]
    zeroed = np.concatenate([bh[: 2 * n], np.zeros(n)])
    return _reset_first(x, h, Wx, Wh, bx, zeroed, r_bias=False)


@_with_candidate(RESET)
def reset_gate_missing(xn, hn, r):
    return np.tanh(xn + hn)


@_with_candidate(RESET)
def reset_gate_on_the_whole_sum(xn, hn, r):
    return np.tanh(r * (xn + hn))


@_with_candidate(RESET)
def reset_gate_on_the_input(xn, hn, r):
    return np.tanh(r * xn + hn)


@_with_candidate(RESET)
def reset_gate_after_the_tanh(xn, hn, r):
    return r * np.tanh(xn + hn)


@_with_candidate(RESET)
def reset_gate_turned_around(xn, hn, r):
    return np.tanh(xn + (1.0 - r) * hn)


@_with_candidate(RESET)
def reset_gate_added(xn, hn, r):
    return np.tanh(xn + r + hn)


@_with_candidate(RESET)
def candidate_without_the_old_state(xn, hn, r):
    return np.tanh(xn)


@mistake("gru_step", hint=RESET)
def old_h_itself_for_the_product(x, h, Wx, Wh, bx, bh):
    (xz, xr, xn), (hz, hr, _) = _gru_blocks(x, h, Wx, Wh, bx, bh)
    z, r = sigmoid(xz + hz), sigmoid(xr + hr)
    return z * h + (1.0 - z) * np.tanh(xn + r * h)


@mistake("gru_step", hint=RESET)
def update_gate_as_the_reset_gate(x, h, Wx, Wh, bx, bh):
    (xz, _, xn), (hz, _, hn) = _gru_blocks(x, h, Wx, Wh, bx, bh)
    z = sigmoid(xz + hz)
    return z * h + (1.0 - z) * np.tanh(xn + z * hn)


@_with_mix(EXCHANGED)
def z_and_one_minus_z_exchanged(z, r, n, h):
    return (1.0 - z) * h + z * n


for _order, _name in {
    "rzn": "order_r_z_n",
    "nzr": "order_n_z_r",
    "nrz": "order_n_r_z",
    "znr": "order_z_n_r",
    "rnz": "order_r_n_z",
}.items():

    def _answer(x, h, Wx, Wh, bx, bh, order=_order):
        xs, hs = _gru_blocks(x, h, Wx, Wh, bx, bh)
        xs, hs = dict(zip(order, xs, strict=True)), dict(zip(order, hs, strict=True))
        z, r = sigmoid(xs["z"] + hs["z"]), sigmoid(xs["r"] + hs["r"])
        return z * h + (1.0 - z) * np.tanh(xs["n"] + r * hs["n"])

    _register("gru_step", GRU_BLOCKS, _name, _answer)


@mistake("gru_step", hint=GRU_BLOCKS)
def thirds_interleaved(x, h, Wx, Wh, bx, bh):
    xs = np.moveaxis((x @ Wx + bx).reshape(*h.shape, 3), 2, 0)
    hs = np.moveaxis((h @ Wh + bh).reshape(*h.shape, 3), 2, 0)
    z, r = sigmoid(xs[0] + hs[0]), sigmoid(xs[1] + hs[1])
    return z * h + (1.0 - z) * np.tanh(xs[2] + r * hs[2])


@mistake("gru_step", hint=BIASES)
def both_biases_twice(x, h, Wx, Wh, bx, bh):
    return _gru(x, h, Wx, Wh, bx + bh, bx + bh)


@mistake("gru_step", hint=BIASES)
def bx_twice(x, h, Wx, Wh, bx, bh):
    return _gru(x, h, Wx, Wh, bx, bh + bx)


@mistake("gru_step", hint=BIASES)
def bh_twice(x, h, Wx, Wh, bx, bh):
    return _gru(x, h, Wx, Wh, bx + bh, bh)


@mistake("gru_step", hint=BIASES)
def bx_missing(x, h, Wx, Wh, bx, bh):
    return _gru(x, h, Wx, Wh, 0.0, bh)


@mistake("gru_step", hint=BIASES)
def bh_missing(x, h, Wx, Wh, bx, bh):
    return _gru(x, h, Wx, Wh, bx, 0.0)


@mistake("gru_step", hint=BIASES)
def no_bias(x, h, Wx, Wh, bx, bh):
    return _gru(x, h, Wx, Wh, 0.0, 0.0)


@mistake("gru_step", hint=BIASES)
def bx_for_both(x, h, Wx, Wh, bx, bh):
    return _gru(x, h, Wx, Wh, bx, bx)


@mistake("gru_step", hint=BIASES)
def bh_for_both(x, h, Wx, Wh, bx, bh):
    return _gru(x, h, Wx, Wh, bh, bh)


@mistake("gru_step", hint=BIASES)
def bh_outside_the_reset_gate(x, h, Wx, Wh, bx, bh):
    return _gru(x, h, Wx, Wh, bx + bh, 0.0)


@mistake("gru_step", hint=BIASES)
def both_biases_inside_the_reset_gate(x, h, Wx, Wh, bx, bh):
    return _gru(x, h, Wx, Wh, 0.0, bx + bh)


@mistake("gru_step", hint=BIASES)
def biases_swapped(x, h, Wx, Wh, bx, bh):
    return _gru(x, h, Wx, Wh, bh, bx)


@mistake("gru_step", hint=BIASES)
def bh_on_the_gates_only(x, h, Wx, Wh, bx, bh):
    n = h.shape[1]
    return _gru(x, h, Wx, Wh, bx, np.concatenate([bh[: 2 * n], np.zeros(n)]))


@mistake("gru_step", hint=BIASES)
def bh_on_the_candidate_only(x, h, Wx, Wh, bx, bh):
    n = h.shape[1]
    return _gru(x, h, Wx, Wh, bx, np.concatenate([np.zeros(2 * n), bh[2 * n :]]))


@mistake("gru_step", hint=BIASES)
def biases_averaged(x, h, Wx, Wh, bx, bh):
    return _gru(x, h, Wx, Wh, (bx + bh) / 2, (bx + bh) / 2)


@_with_candidate(GRU_SQUASH)
def sigmoid_on_the_candidate_of_the_gru(xn, hn, r):
    return sigmoid(xn + r * hn)


@_with_candidate(GRU_SQUASH)
def candidate_of_the_gru_not_squashed(xn, hn, r):
    return xn + r * hn


@mistake("gru_step", hint=GRU_SQUASH)
def tanh_on_the_gates_of_the_gru(x, h, Wx, Wh, bx, bh):
    (xz, xr, xn), (hz, hr, hn) = _gru_blocks(x, h, Wx, Wh, bx, bh)
    z, r = np.tanh(xz + hz), np.tanh(xr + hr)
    return z * h + (1.0 - z) * np.tanh(xn + r * hn)


@mistake("gru_step", hint=GRU_SQUASH)
def gates_of_the_gru_not_squashed(x, h, Wx, Wh, bx, bh):
    (xz, xr, xn), (hz, hr, hn) = _gru_blocks(x, h, Wx, Wh, bx, bh)
    z, r = xz + hz, xr + hr
    return z * h + (1.0 - z) * np.tanh(xn + r * hn)


@mistake("gru_step", hint=GRU_SQUASH)
def gates_squashed_before_the_sum(x, h, Wx, Wh, bx, bh):
    (xz, xr, xn), (hz, hr, hn) = _gru_blocks(x, h, Wx, Wh, bx, bh)
    z, r = sigmoid(xz) + sigmoid(hz), sigmoid(xr) + sigmoid(hr)
    return z * h + (1.0 - z) * np.tanh(xn + r * hn)


@_with_mix(MIX)
def old_state_added_whole(z, r, n, h):
    return h + (1.0 - z) * n


@_with_mix(MIX)
def candidate_added_whole(z, r, n, h):
    return z * h + n


@_with_mix(MIX)
def both_shares_z(z, r, n, h):
    return z * h + z * n


@_with_mix(MIX)
def reset_gate_as_the_second_share(z, r, n, h):
    return z * h + r * n


@_with_mix(MIX)
def mixed_by_the_reset_gate(z, r, n, h):
    return r * h + (1.0 - r) * n


@_with_mix(MIX)
def candidate_alone(z, r, n, h):
    return n


@_with_mix(MIX)
def old_state_left_out(z, r, n, h):
    return (1.0 - z) * n


@_with_mix(MIX)
def new_state_squashed(z, r, n, h):
    return np.tanh(z * h + (1.0 - z) * n)


@_with_mix(MIX)
def new_state_behind_an_output_gate(z, r, n, h):
    return r * np.tanh(z * h + (1.0 - z) * n)


@mistake("gru_step", hint=GRU_SUM)
def input_of_the_gru_ignored(x, h, Wx, Wh, bx, bh):
    return _gru(np.zeros_like(x), h, Wx, Wh, bx, bh)


@mistake("gru_step", hint=GRU_SUM)
def old_state_missing_in_the_sums(x, h, Wx, Wh, bx, bh):
    (xz, xr, xn), (hz, hr, hn) = _gru_blocks(x, np.zeros_like(h), Wx, Wh, bx, bh)
    z, r = sigmoid(xz + hz), sigmoid(xr + hr)
    return z * h + (1.0 - z) * np.tanh(xn + r * hn)


@mistake("gru_step", hint=GRU_SUM)
def gates_read_x_only(x, h, Wx, Wh, bx, bh):
    (xz, xr, xn), (_, _, hn) = _gru_blocks(x, h, Wx, Wh, bx, bh)
    z, r = sigmoid(xz), sigmoid(xr)
    return z * h + (1.0 - z) * np.tanh(xn + r * hn)


@mistake("gru_step", hint=GRU_SUM)
def gates_read_h_only(x, h, Wx, Wh, bx, bh):
    (_, _, xn), (hz, hr, hn) = _gru_blocks(x, h, Wx, Wh, bx, bh)
    z, r = sigmoid(hz), sigmoid(hr)
    return z * h + (1.0 - z) * np.tanh(xn + r * hn)


@mistake("gru_step", hint=ONE_STATE)
def output_and_state(x, h, Wx, Wh, bx, bh):
    h = _gru(x, h, Wx, Wh, bx, bh)
    return h, h


@mistake("gru_step", hint=ONE_STATE)
def output_and_list_of_one_state(x, h, Wx, Wh, bx, bh):
    h = _gru(x, h, Wx, Wh, bx, bh)
    return h, [h]


@mistake("gru_step", hint=ONE_STATE)
def list_of_one_state(x, h, Wx, Wh, bx, bh):
    return [_gru(x, h, Wx, Wh, bx, bh)]


@mistake("gru_step", hint=BOUNDS)
def old_state_clipped(x, h, Wx, Wh, bx, bh):
    return _gru(x, np.clip(h, -1.0, 1.0), Wx, Wh, bx, bh)


@mistake("gru_step", hint=BOUNDS)
def new_state_clipped(x, h, Wx, Wh, bx, bh):
    return np.clip(_gru(x, h, Wx, Wh, bx, bh), -1.0, 1.0)


@mistake("gru_step", hint=ROWS)
def old_state_averaged_over_the_batch(x, h, Wx, Wh, bx, bh):
    return _gru(x, np.repeat(h.mean(axis=0, keepdims=True), len(h), 0), Wx, Wh, bx, bh)


@mistake("gru_step", hint=IN_PLACE)
def old_state_changed_in_place(x, h, Wx, Wh, bx, bh):
    h[:] = _gru(x, h, Wx, Wh, bx, bh)
    return h


@mistake("gru_step", hint=IN_PLACE)
def bias_changed_in_place(x, h, Wx, Wh, bx, bh):
    result = _gru(x, h, Wx, Wh, bx, bh)
    bx += bh
    return result


@mistake("gru_step", hint=NO_RETURN)
def gru_returns_nothing(x, h, Wx, Wh, bx, bh):
    _gru(x, h, Wx, Wh, bx, bh)


@mistake("gru_step", hint=UNKNOWN_NAME)
def one_bias_by_the_name_b(x, h, Wx, Wh, bx, bh):
    return _gru(x, h, Wx, Wh, b, b)  # noqa: F821


@mistake("gru_step", hint=SHAPES)
def four_blocks_cut(x, h, Wx, Wh, bx, bh):
    xz, xr, xn, _ = np.split(x @ Wx + bx, 4, axis=1)
    return xz * h + xr * xn


@mistake("gru_step", hint=SHAPES)
def h_multiplied_with_the_weights_of_the_input(x, h, Wx, Wh, bx, bh):
    return _gru(x, h, Wh, Wx, bx, bh)

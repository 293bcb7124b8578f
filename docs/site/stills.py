"""The still pictures of the widgets, drawn from a run's report or trace: what stands in print, and for readers without
JavaScript; the scripts take them over where they can. Each takes the runs and the marker's options."""

from itertools import accumulate
from math import hypot, prod, sqrt
from statistics import correlation, fmean

import walk
from tree import escaped


def letter(character):
    """A letter that can be seen."""
    return {"\n": "↵", " ": "␣"}.get(character, escaped(character))


class Tensor:
    """The first tensor of a trace whose name holds `wanted` (of several, "a,b", the first)."""

    def __init__(self, run, wanted, axes=None):
        wanted = wanted.split(",")[0]
        found = next((tensor for tensor in run.data["tensors"] if wanted in tensor["name"]), None)
        if not found or len(found["shape"]) != (axes or len(found["shape"])):
            raise LookupError(f'{run.name} holds no tensor "{wanted}"' + (f" of {axes} axes" if axes else ""))
        self.title, self.axes, self.shape = found["title"], found["axes"], found["shape"]
        width, values = self.shape[-1], [value or 0 for value in found["values"]]  # minus infinity, null, is not drawn
        self.rows = [values[i:i + width] for i in range(0, len(values), width)]
        self.labels = [found.get("labels", {}).get(axis) or [str(i) for i in range(size)]
                       for axis, size in zip(self.axes, self.shape)]


def heat_map(runs, options):
    """The matrices of a tensor side by side, one for each head, a row for each block. The colour grows with the square
    root of the value."""
    tensor = Tensor(runs[0], options.get("tensor", ""))
    if len(tensor.shape) < 2:
        raise LookupError(f"{tensor.title} is no matrix")
    (rows, columns), outer, many = tensor.shape[-2:], tensor.shape[:-2], prod(tensor.shape[:-2])
    if many > 30 or many > 1 and rows * columns > 1100:
        many = 1  # the first alone: 30 of the larger would fill a book
    across = outer[-1] if many > 1 else 1
    largest = max(abs(value) for row in tensor.rows[:many * rows] for value in row) or 1
    cell = max(2, min(18, int((640 / across - 30) / columns)))
    side, size = cell - (cell > 5), min(13, cell + (cell < 10))
    letters = cell >= 8 and all(len(label) <= 3 for labels in tensor.labels[-2:] for label in labels)
    margin = (18 if cell > 11 else 12) if letters else 0
    wide, high = columns * cell + margin + 14, rows * cell + margin + (28 if many > 1 else 6)
    width, height = across * wide, many // across * high
    what = f"{f'{many} matrices of ' if many > 1 else ''}{rows} rows by {columns} columns"
    svg = [f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
           f'aria-label="{escaped(tensor.title)}: {what}; the darkest cell is {largest:.4g}">']
    text = f'<text class="soft" style="font-size: {size}px" text-anchor="middle"'
    for m in range(many):
        svg.append(f'<g transform="translate({m % across * wide} {m // across * high + (18 if many > 1 else 0)})">')
        if many > 1:
            places = zip(tensor.axes, tensor.labels, [m // across, m % across][-len(outer):])
            name = ", ".join(f"{axis} {labels[i]}" for axis, labels, i in places)
            svg.append(f'<text class="soft" x="{margin}" y="-5">{escaped(name)}</text>')
        svg.append(f'<rect class="box" x="{margin}" y="{margin}" width="{columns * cell}" height="{rows * cell}" '
                   'style="stroke: none; fill: var(--heat-low)"/>')
        middle = [margin + (i + .5) * cell for i in range(max(rows, columns))]
        if letters:
            for label, y in zip(tensor.labels[-2], middle):
                svg.append(f'{text} x="{margin // 2}" y="{y:.1f}" dy=".35em">{letter(label)}</text>')
            for label, x in zip(tensor.labels[-1], middle):
                svg.append(f'{text} x="{x:.1f}" y="{margin / 2:.1f}" dy=".35em">{letter(label)}</text>')
        for r, row in enumerate(tensor.rows[m * rows:(m + 1) * rows]):
            svg += [f'<rect x="{margin + c * cell}" y="{margin + r * cell}" width="{side}" height="{side}" '
                    f'fill="var(--{"heat-high" if value > 0 else "cold"})" '
                    f'fill-opacity="{sqrt(abs(value) / largest):.3f}"/>'
                    for c, value in enumerate(row) if value]
        svg.append("</g>")
    return "\n".join([*svg, "</svg>"])


def bars(runs, options):
    """Numbers as bars in a table: a row for each entry of one axis, a column for each run or, of a single run, for each
    entry of the other axis."""
    name = options["tensor"]
    axis = {"stream": "after", "gradients": "parameter"}.get(name, "next")
    tensors = [Tensor(run, name, axes=2) for run in runs]
    tables = []  # for each run: label of a row -> its values along the other axis
    for tensor in tensors:
        matrix = tensor.rows if tensor.axes[0] == axis else zip(*tensor.rows)
        tables.append(dict(zip(tensor.labels[tensor.axes.index(axis)], matrix)))
    other = 1 - tensors[0].axes.index(axis)
    if len(runs) > 1 or tensors[0].shape[other] > 5:  # the mean over positions, or the first step
        some = None if tensors[0].axes[other] == "position" else 1
        heads = [short_title(run) for run in runs]
        columns = [{label: fmean(values[:some]) for label, values in table.items()} for table in tables]
    else:
        heads = [f"{tensors[0].axes[other]} {label}" for label in tensors[0].labels[other]]
        columns = [{label: values[i] for label, values in tables[0].items()} for i in range(len(heads))]
    if axis == "parameter":
        columns = [grouped(column) for column in columns]
    order = list(max(columns, key=len))  # the run with the most rows sets their order
    if axis == "next":  # the likeliest, by the column whose label is 1, else by the first
        by = next((column for head, column in zip(heads, columns) if head.endswith(" 1")), columns[0])
        order = sorted(order, key=lambda label: -by[label])[:10]
    largest = max(column[label] for column in columns for label in order if label in column) or 1
    role = {"stream": "residual", "gradients": "loss"}.get(name, "activation")
    head = "".join(f'<th scope="col">{escaped(head)}</th>' for head in heads)
    shown = [f'<div class="bars-box"><table class="numbers bars role-{role}">'
             f"<thead><tr><th></th>{head}</tr></thead><tbody>"]
    for label in order:
        cells = "".join(f'<td><span class="bar" style="width:{100 * column[label] / largest:.2f}%"></span>'
                        f"{column[label]:.3g}</td>" if label in column else "<td></td>" for column in columns)
        row = part_name(label) if axis == "after" else label
        shown.append(f'<tr data-row="{escaped(row)}"><th scope="row">{letter(row)}</th>{cells}</tr>')
    return "\n".join([*shown, "</tbody></table></div>"])


def grouped(column):
    """The lengths of parameters' gradients as those of the parts they belong to: "body.blocks.0.norm_1.gain" is of
    "block 0", "output.bias" of "output". They are added up as the sides of a right angle."""
    parts = {}
    for parameter, value in column.items():
        part, *rest = parameter.removeprefix("body.").split(".")
        part = f"block {rest[0]}" if part == "blocks" else part.replace("_", " ")
        parts[part] = hypot(parts.get(part, 0), value)
    return parts


def part_name(name):
    """ "blocks.0.read" -> "block 0, attention" """
    name = {"embedded": "embeddings"}.get(name, name.replace("blocks.", "block "))
    return name.replace(".read", ", attention").replace(".thought", ", feed-forward")


def short_title(run):
    """The variant, such as "plain", or "chapter 4" where there is nothing to choose."""
    chapter, variant, *_ = run.data.get("run", "").split(", ") + [""]
    return chapter if variant.endswith(" steps") or not variant else variant


def lens(runs, options):
    """What each block would already say: in each cell the likeliest character and its probability; at the end of the
    row what stands in the text."""
    tensor = Tensor(runs[0], options.get("tensor", "lens"), axes=3)
    after, position, following = tensor.labels
    heads = "".join(f'<th scope="col">{escaped(part_name(name).split(",")[0])}</th>' for name in after)
    shown = ['<div class="lens-box"><table class="numbers lens">'
             "<caption>The likeliest next character after each part, and its probability</caption>",
             f'<thead><tr><th scope="col">after</th>{heads}<th scope="col">in the text</th></tr></thead><tbody>']
    for t, (read, comes) in enumerate(zip(position, [*position[1:], ""])):
        row = f'<tr><th scope="row">{letter(read)}</th>'
        for block in range(len(after)):
            shares = tensor.rows[block * len(position) + t]
            said, p = following[shares.index(max(shares))], max(shares)
            right = ' class="right"' if said == comes else ""
            row += (f'<td data-block="{block}" data-position="{t}"{right} style="--p:{p:.3f}">'
                    f"<b>{letter(said)}</b> {p:.2f}</td>")
        shown.append(f'{row}<td class="next">{letter(comes)}</td></tr>')
    return "\n".join([*shown, "</tbody></table></div>"])


def contexts(runs, options):
    """The places that excite some hidden units most, the strongest first."""
    places, units = Tensor(runs[0], "contexts", axes=1), Tensor(runs[0], "hidden").shape[-1]
    count, chosen = len(places.labels[0]) // units, [int(unit) for unit in options.get("units", "0").split(",")]
    heads = "".join(f'<th scope="col">unit {unit}</th>' for unit in chosen)
    shown = ['<div class="bars-box"><table class="numbers contexts">', f"<thead><tr>{heads}</tr></thead><tbody>"]
    for rank in range(min(5, count)):
        row = ""
        for unit in chosen:
            text, value = places.labels[0][unit * count + rank], places.rows[0][unit * count + rank]
            said = "".join(map(letter, text[:-1])) + f"<b>{''.join(map(letter, text[-1:]))}</b>"
            row += f"<td>{f'<code>{said}</code> {value:.2f}' if value else ''}</td>"
        shown.append(f"<tr>{row}</tr>")
    return "\n".join([*shown, "</tbody></table></div>"])


def sample_path(runs, options):
    """One sample as it comes to be: for each step the likeliest characters, as wide as they are likely; the one that
    was drawn is in full colour."""
    tensor = Tensor(runs[0], options.get("tensor", "path"), axes=2)
    shown = ['<ol class="path">']
    for t, (drawn, row) in enumerate(zip(tensor.labels[0], tensor.rows)):
        shares = dict(zip(tensor.labels[1], row))
        likely = [character for character in sorted(shares, key=lambda c: -shares[c]) if shares[character] >= .03]
        pieces = [(' class="drawn"' if c == drawn else "", c, shares[c]) for c in likely]
        if drawn not in likely:
            pieces.append((' class="drawn unlikely"', drawn, shares[drawn]))
        rest = 1 - sum(share for *_, share in pieces)
        if rest > .0005:
            pieces.append((' class="rest"', "", rest))
        bar = "".join(f'<i{kind} style="flex-grow:{share:.4f}">{letter(c)}</i>' for kind, c, share in pieces)
        shown.append(f'<li data-step="{t}"><b>{letter(drawn)}</b><span class="path-bar">{bar}</span>'
                     f"<small>{shares[drawn]:.3f}</small></li>")
    return "\n".join([*shown, "</ol>"])


PATCHES = " ▗▖▄▝▐▞▟▘▚▌▙▀▜▛█"  # as in chapter 10's draw.hpp: the place says the dots, upper left 8 to lower right 1


def drawing(runs, options):
    """The picture that a model of chapter 10 has read or drawn, four dots a character; the first `given` characters, which
    were its question, in the ink of the text."""
    tensor = Tensor(runs[0], options.get("tensor", "predictions"), axes=2)
    text, given, dot = tensor.labels[0][1:37], int(options.get("given", 0)), 16
    if len(text) != 36 or any(character not in PATCHES for character in text):
        raise LookupError(f"{runs[0].name} has read no picture of 36 characters")
    svg = [f'<svg viewBox="0 0 {12 * dot} {12 * dot}" width="{12 * dot}" height="{12 * dot}" class="drawing" role="img" '
           f'aria-label="A picture of 12 by 12 dots, of which {given // 3} rows were given">'
           f'<rect class="paper" width="{12 * dot}" height="{12 * dot}"/>']
    for i, character in enumerate(text):
        x, y, dots = i % 6 * 2 * dot, i // 6 * 2 * dot, PATCHES.index(character)
        svg.append(f'<g data-step="{i}" class="{"given" if i < given else "drawn"}">'
                   f'<rect class="patch" x="{x}" y="{y}" width="{2 * dot}" height="{2 * dot}"/>')
        svg += [f'<rect class="dot" x="{x + bit % 2 * dot}" y="{y + bit // 2 * dot}" width="{dot}" height="{dot}"/>'
                for bit in range(4) if dots >> (3 - bit) & 1]
        svg.append("</g>")
    return "".join([*svg, "</svg>"])


def units(runs, options):
    """Two units of a recurrent net's lowest layer over the text that was read: those that go best with how far a letter
    stands into its line, and into its word."""
    tensor = Tensor(runs[0], options.get("tensor", "layers.states"), axes=3)
    text, shown = tensor.labels[1], ['<div class="unit-box">']
    columns = [[row[unit] for row in tensor.rows[:len(text)]] for unit in range(tensor.shape[2])]
    counts = {"line": lambda c: c != "\n", "word": lambda c: c.isascii() and c.isalpha()}
    for what, goes_on in counts.items():
        place = list(accumulate(text, lambda n, c: n + 1 if goes_on(c) else 0, initial=0))[1:]
        fits = [correlation(place, column) if len(set(column)) > 1 and len(set(place)) > 1 else 0 for column in columns]
        unit = max(range(len(fits)), key=lambda u: abs(fits[u]))
        largest = max(abs(value) for value in columns[unit]) or 1
        shown.append(f'<p class="unit-name">Unit {unit} goes best with how far into the {what} a letter stands '
                     f'(correlation {fits[unit]:.2f}).</p><p class="unit-text">')
        for position, (character, value) in enumerate(zip(text, columns[unit])):
            below = ' class="below"' if value < 0 else ""
            shown.append(f'<b data-position="{position}"{below} style="--v:{abs(value) / largest:.2f}">'
                         f'{"↵" + character if character == chr(10) else escaped(character)}</b>')
        shown.append("</p>")
    return "".join([*shown, "</div>"])


def samples(runs, options):
    """What a model says at several moments of its training."""
    shown = ['<ol class="samples">']
    for run in runs:
        said, steps = run.data["sample"].lstrip("\n"), run.data["steps"]
        if len(said) > 200:
            said = said[:1 + max(said.rfind(" ", 0, 200), said.rfind("\n", 0, 200))] + "…"
        shown.append(f'<li data-report="{run.name}"><p><b>{f"{steps} steps" if steps else "untrained"}</b> '
                     f'loss {run.data["val_loss"]:.3f}</p><pre>{escaped(said)}</pre></li>')
    return "\n".join([*shown, "</ol>"])


def loss_curve(runs, options):
    """The losses of one run, the first of those that are named."""
    curve = runs[0].data["curve"]
    values = [point[which] for point in curve for which in ("train", "val") if point[which] is not None]
    first, last, end = curve[0]["step"], curve[-1]["step"], runs[0].data["val_loss"]
    low = 1.6 if min(values) >= 1.6 and end <= 2.8 else int(min(values) * 5) / 5  # as loss-curve.js has it
    high = max(low + 1.2, (int(end * 5) + 1) / 5)

    def x(step):
        return f"{56 + 560 * (step - first) / max(1, last - first):.1f}"

    def y(value):
        return f"{250 - 220 * (min(value, high) - low) / (high - low):.1f}"

    svg = [f'<svg viewBox="0 0 640 290" class="chart" role="img" aria-label="Loss over {last} steps">']
    for value in (low + (high - low) * i / 6 for i in range(7)):
        svg.append(f'<line class="grid" x1="56" x2="616" y1="{y(value)}" y2="{y(value)}"/>'
                   f'<text x="48" y="{y(value)}" text-anchor="end" dy=".32em">{value:.2f}</text>')
    for step in (first + (last - first) * i / 4 for i in range(5)):
        svg.append(f'<text x="{x(step)}" y="272" text-anchor="middle">{int(step)}</text>')
    band = runs[0].data.get("band")
    if band:  # what several seeds have
        edges = [[f"{x(p[0])},{y(p[column])}" for p in band["points"]] for column in (3, 1)]
        svg.append(f'<path class="band" d="M{"L".join(edges[0] + edges[1][::-1])}Z"/>')
    for which in ("train", "val"):
        points = " ".join(f"{x(point['step'])},{y(point[which])}" for point in curve if point[which] is not None)
        svg.append(f'<polyline class="line-{which}" points="{points}"/>')
    svg.append(f'<circle class="end" cx="616" cy="{y(end)}" r="3.5"/>')
    svg.append('<text x="616" y="20" text-anchor="end">'
               f"solid: validation, {end:.3f} at the end; dashed: training"
               f"{'; grey: several seeds' if band else ''} "
               f"({runs[0].origin})</text>")
    return "\n".join([*svg, "</svg>"])


def spread(rows):
    """The two directions in which rows spread most, by repeated multiplication: for each row its place, and their share."""
    count, middle = len(rows), [fmean(column) for column in zip(*rows)]
    rest = [[x - m for x, m in zip(row, middle)] for row in rows]
    total, places, held = sum(x * x for row in rest for x in row) or 1, [], 0
    for _ in range(2):
        axis = [1 / (i + 1) for i in range(len(middle))]
        for _ in range(60):
            along = [sum(x * a for x, a in zip(row, axis)) for row in rest]
            axis = [sum(s * row[c] for s, row in zip(along, rest)) for c in range(len(middle))]
            length = hypot(*axis) or 1
            axis = [a / length for a in axis]
        along = [sum(x * a for x, a in zip(row, axis)) for row in rest]
        rest = [[x - s * a for x, a in zip(row, axis)] for s, row in zip(along, rest)]
        places.append(along)
        held += sum(s * s for s in along)
    return [(places[0][i], places[1][i]) for i in range(count)], held / total


def embeddings(runs, _options):
    """The symbols' embeddings at the end of the training, by their first two principal components."""
    tensor = Tensor(runs[0], "token_embedding.weight", axes=3)
    places, held = spread(tensor.rows[-tensor.shape[1]:])
    scale = min(size / (max(abs(place[d]) for place in places) or 1) for d, size in enumerate((213, 173)))
    svg = ['<svg viewBox="0 0 470 390" class="chart embedding-map" role="img" '
           'aria-label="The symbols by two principal components">']
    for symbol, (x, y) in zip(tensor.labels[1], places):
        svg.append(f'<text x="{235 + scale * x:.1f}" y="{195 - scale * y:.1f}" dy=".34em" text-anchor="middle">'
                   f"{letter(symbol)}</text>")
    return "\n".join([*svg, "</svg>", '<p class="legend">What lies together is alike in the two directions of the '
                                      f"largest spread, which hold {100 * held:.1f} % of it.</p>"])


def attention_lines(runs, _options):
    """The first head's attention of all positions, as lines between two copies of the text."""
    tensor = Tensor(runs[0], "weights")
    count, letters = tensor.shape[-1], tensor.labels[-1]
    svg = [f'<svg viewBox="0 0 {20 * count + 20} 190" class="lines" role="img" '
           'aria-label="Attention as lines over the text">']
    for query, row in enumerate(tensor.rows[:count]):
        svg += [f'<line x1="{20 + 20 * query}" y1="156" x2="{20 + 20 * key}" y2="34" '
                f'stroke-width="{.6 + 5 * weight:.2f}" stroke-opacity="{min(1, .15 + weight):.2f}"/>'
                for key, weight in enumerate(row) if weight >= .02]
    for i, text in enumerate(letters):
        svg += [f'<text class="{kind}" x="{20 + 20 * i}" y="{y}" text-anchor="middle">{letter(text)}</text>'
                for kind, y in (("asked", 22), ("asks", 176))]
    return "\n".join([*svg, "</svg>"])


def timeline(runs, _options):
    """What each rank did when, for each way of averaging: a lane for each rank, all on one scale."""
    tensors = [tensor for tensor in runs[0].data["tensors"] if tensor["name"].startswith("timeline.")]
    if not tensors:
        raise LookupError(f"{runs[0].name} holds no timeline")
    kinds = ["compute", "compute", "send", "wait", "work"]
    rows = [[tensor["values"][i:i + 4] for i in range(0, len(tensor["values"]), 4)] for tensor in tensors]
    ranks = 1 + int(max(row[0] for part in rows for row in part))
    last = max(row[3] for part in rows for row in part)
    lane, band, left, width = 30, 28 + 30 * ranks, 58, 404
    svg = [f'<svg viewBox="0 0 470 {band * len(tensors) + 22}" class="chart timeline" role="img" '
           f'aria-label="What {ranks} ranks did in {last:.1f} milliseconds, for {len(tensors)} ways of averaging">']
    for way, (tensor, part) in enumerate(zip(tensors, rows)):
        y = band * way
        svg.append(f'<text x="{left}" y="{y + 16}">{escaped(tensor["name"].removeprefix("timeline."))}</text>')
        for rank in range(ranks):
            top = y + 24 + lane * rank
            svg.append(f'<text x="{left - 6}" y="{top + 12}" dy=".32em" text-anchor="end">rank {rank}</text>')
            for i, (who, doing, start, end) in enumerate(part):
                if who != rank:
                    continue
                kind = kinds[int(doing)]
                high = {"wait": 7, "send": 24}.get(kind, 17)
                svg.append(f'<rect class="{kind}" data-way="{way}" data-row="{i}" '
                           f'x="{left + width * start / last:.2f}" y="{top + 24 - high}" '
                           f'width="{width * (end - start) / last:.2f}" height="{high}"/>')
    svg.append(f'<text x="{left}" y="{band * len(tensors) + 16}">0</text>'
               f'<text x="{left + width}" y="{band * len(tensors) + 16}" text-anchor="end">{last:.1f} ms</text>')
    return "".join([*svg, "</svg>"])


STILLS = {"attention-lines": attention_lines, "embeddings": embeddings, "heat-map": heat_map, "bars": bars, "lens": lens,
          "contexts": contexts, "sample-path": sample_path, "drawing": drawing, "units": units, "samples": samples,
          "loss-curve": loss_curve, "timeline": timeline, "train-here": loss_curve, "speak": samples, "walk": walk.still}

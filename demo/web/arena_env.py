"""The arena's game in Python, rule for rule that of demo/src/game: same states, same hashes.

Standard library only. Only + - * /, sqrt and comparisons touch floats, so that every machine
computes the same bits. Random state is part of the state. State texts are those of the Rust game,
byte for byte, float texts included.
"""

import json
import math

THRUST = 0.034
BOOST_THRUST = 0.105
GLIDE = 0.984
BOUNCE = 1.25
TURN = 0.16
DIAGONAL = 0.7071067811865476
CRAFT_RADIUS = 6.5
REACH = 10.0
SUNK_FRAMES = 80
BUMPED_FRAMES = 100
LAST_RADIUS = 64.0
FRESH_RADIUS = 100.0
FULL_TANK = 75
ROUND_FRAMES = 1500
PAUSE_FRAMES = 150
GEMS = 5
LEFT, RIGHT, UP, DOWN, BOOST = 1, 2, 4, 8, 16
U32 = 0xFFFFFFFF
U64 = 0xFFFFFFFFFFFFFFFF
SIDES = (
    (-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0),
    (-DIAGONAL, -DIAGONAL), (DIAGONAL, DIAGONAL), (DIAGONAL, -DIAGONAL), (-DIAGONAL, DIAGONAL),
)
STATE = ("frame", "round", "play_left", "pause_left", "radius", "craft", "gems", "random")
CRAFT = ("x", "y", "vx", "vy", "hx", "hy", "fuel", "boosts", "sunk", "bumped", "bumper", "score", "wins")
GEM = ("x", "y", "kind", "hidden")


class Random:
    """xoshiro128**, seeded by SplitMix64; its four words stand in the state."""

    def __init__(self, words):
        self.words = words

    @classmethod
    def seeded(cls, seed):
        words, mixer = [], seed & U64
        for _ in range(2):
            mixer = (mixer + 0x9E3779B97F4A7C15) & U64
            mixed = mixer
            mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & U64
            mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & U64
            mixed ^= mixed >> 31
            words += [mixed & U32, mixed >> 32]
        return cls(words)

    def next_u32(self):
        a, b, c, d = self.words
        drawn = (_rotate(b * 5 & U32, 7) * 9) & U32
        shifted = (b << 9) & U32
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        self.words = [a, b, c, _rotate(d, 11)]
        return drawn

    def signed_unit(self):
        return self.next_u32() / 2147483648.0 - 1.0

    def below(self, end):
        return self.next_u32() % end if end else 0


def _rotate(word, by):
    return ((word << by) | (word >> (32 - by))) & U32


class ArenaEnv:
    """Two to eight hovercraft on a melting floe."""

    def __init__(self, players=2):
        if not 2 <= players <= 8:
            raise ValueError(f"the game is for 2 to 8 players, not {players}")
        self.players = players
        self.begin(Random.seeded(0))

    def begin(self, random):
        self.random = random
        self.gems = [
            {"x": 0.0, "y": 0.0, "kind": "small", "hidden": 30 + random.below(60)} for _ in range(GEMS)
        ]
        self.frame, self.round, self.play_left, self.pause_left = 0, 1, ROUND_FRAMES, 0
        self.radius = FRESH_RADIUS
        self.craft = [at_start(player) for player in range(self.players)]

    # The interface of an environment.

    def reset(self, seed=None):
        self.begin(self.random if seed is None else Random.seeded(seed))

    def seed_rng(self, seed):
        self.random = Random.seeded(seed)

    def step(self, actions):
        if len(actions) != self.players:
            raise ValueError(f"the game is for {self.players} players, not {len(actions)}")
        before = [craft["score"] for craft in self.craft]
        self.advance(actions)
        rewards = [float(craft["score"] - was) for craft, was in zip(self.craft, before)]
        return rewards, [False] * self.players

    def get_state(self):
        state = {
            "frame": self.frame, "round": self.round, "play_left": self.play_left,
            "pause_left": self.pause_left, "radius": self.radius, "craft": self.craft,
            "gems": self.gems, "random": self.random.words,
        }
        return to_text(state)

    def set_state(self, text):
        state = json.loads(text)
        if not isinstance(state, dict) or set(state) != set(STATE):
            raise ValueError("not a state of this game: other fields")
        craft, gems, words = state["craft"], state["gems"], state["random"]
        if len(craft) != self.players:
            raise ValueError(f"a state of {len(craft)} players in a game of {self.players}")
        if any(set(one) != set(CRAFT) for one in craft) or any(set(gem) != set(GEM) for gem in gems):
            raise ValueError("not a state of this game: other fields")
        if len(gems) != GEMS or len(words) != 4:
            raise ValueError("not a state of this game: lists of another length")
        self.frame, self.round = state["frame"], state["round"]
        self.play_left, self.pause_left = state["play_left"], state["pause_left"]
        self.radius = float(state["radius"])
        self.craft = [{key: one[key] for key in CRAFT} for one in craft]
        self.gems = [{key: gem[key] for key in GEM} for gem in gems]
        self.random = Random(list(words))

    def render(self):
        craft = [
            {
                "x": one["x"], "y": one["y"], "vx": one["vx"], "vy": one["vy"], "hx": one["hx"],
                "hy": one["hy"], "fuel": one["fuel"] / FULL_TANK, "boosts": one["boosts"],
                "isSunk": one["sunk"] > 0, "score": one["score"], "wins": one["wins"],
            }
            for one in self.craft
        ]
        gems = [
            {"index": index, "x": gem["x"], "y": gem["y"], "kind": gem["kind"]}
            for index, gem in enumerate(self.gems)
            if gem["hidden"] == 0
        ]
        return {
            "frame": self.frame, "round": self.round, "timeLeft": self.play_left / ROUND_FRAMES,
            "isPause": self.pause_left > 0, "radius": self.radius, "craft": craft, "gems": gems,
        }

    # One frame of the game.

    def advance(self, actions):
        self.frame += 1
        if self.pause_left > 0:
            self.pause_left -= 1
            if self.pause_left == 0:
                self.begin_round()
            return
        for craft, action in zip(self.craft, actions):
            drive(craft, action)
        for first in range(self.players):
            for second in range(first + 1, self.players):
                bump(self.craft, first, second)
        for player in range(self.players):
            self.fall(player)
        for gem in self.gems:
            self.step_gem(gem)
        self.play_left = max(self.play_left - 1, 0)
        half = ROUND_FRAMES // 2
        if self.play_left < half:
            melted = float(half - self.play_left) / float(half)
            self.radius = FRESH_RADIUS - (FRESH_RADIUS - LAST_RADIUS) * melted
        if self.play_left == 0:
            self.end_round()

    def fall(self, player):
        craft = self.craft[player]
        if craft["sunk"] > 0:
            craft["sunk"] -= 1
            if craft["sunk"] == 0:
                fresh = at_start(player)
                inwards = self.radius / FRESH_RADIUS
                fresh["x"], fresh["y"] = fresh["x"] * inwards, fresh["y"] * inwards
                fresh["score"], fresh["wins"] = craft["score"], craft["wins"]
                self.craft[player] = fresh
            return
        x, y, edge = craft["x"], craft["y"], self.radius + 2.0
        if x * x + y * y > edge * edge:
            craft["sunk"] = SUNK_FRAMES
            craft["boosts"] = False
            craft["score"] = max(craft["score"] - 1, 0)
            if craft["bumped"] > 0:
                self.craft[craft["bumper"]]["score"] += 2

    def step_gem(self, gem):
        if gem["hidden"] > 0:
            gem["hidden"] -= 1
            if gem["hidden"] == 0:
                self.place(gem)
            return
        if gem["x"] * gem["x"] + gem["y"] * gem["y"] > self.radius * self.radius:
            gem["hidden"] = 40
            return
        taker, gap = None, 0.0
        for craft in self.craft:
            dx, dy = craft["x"] - gem["x"], craft["y"] - gem["y"]
            distance = dx * dx + dy * dy
            if taker is None or distance < gap:
                taker, gap = craft, distance
        if taker["sunk"] > 0 or gap > REACH * REACH:
            return
        if gem["kind"] == "small":
            taker["score"] += 1
        elif gem["kind"] == "big":
            taker["score"] += 3
        else:
            taker["fuel"] = FULL_TANK
        gem["hidden"] = 45 + self.random.below(120)

    def place(self, gem):
        for _ in range(16):
            x, y = self.random.signed_unit(), self.random.signed_unit()
            if x * x + y * y < 1.0:
                gem["x"], gem["y"] = x * self.radius * 0.9, y * self.radius * 0.9
                break
        kind = self.random.below(10)
        gem["kind"] = "big" if kind < 2 else "fuel" if kind < 4 else "small"

    def end_round(self):
        self.pause_left = PAUSE_FRAMES
        best = max(craft["score"] for craft in self.craft)
        winners = [craft for craft in self.craft if craft["score"] == best]
        if len(winners) == 1:
            winners[0]["wins"] += 1

    def begin_round(self):
        self.round += 1
        self.play_left = ROUND_FRAMES
        self.radius = FRESH_RADIUS
        for player, craft in enumerate(self.craft):
            self.craft[player] = at_start(player)
            self.craft[player]["wins"] = craft["wins"]
        for gem in self.gems:
            gem["hidden"] = 30 + self.random.below(60)


def at_start(player):
    x, y = SIDES[player]
    return {
        "x": 55.0 * x, "y": 55.0 * y, "vx": 0.0, "vy": 0.0, "hx": 0.0 - x, "hy": 0.0 - y,
        "fuel": FULL_TANK, "boosts": False, "sunk": 0, "bumped": 0, "bumper": 0, "score": 0, "wins": 0,
    }


def axis(action, negative, positive):
    return float(bool(action & positive)) - float(bool(action & negative))


def drive(craft, action):
    craft["bumped"] = max(craft["bumped"] - 1, 0)
    craft["boosts"] = False
    if craft["sunk"] > 0:
        return
    dx, dy = axis(action, LEFT, RIGHT), axis(action, UP, DOWN)
    if dx * dy != 0.0:
        dx, dy = dx * DIAGONAL, dy * DIAGONAL
    has_direction = dx != 0.0 or dy != 0.0
    craft["boosts"] = bool(action & BOOST) and craft["fuel"] > 0 and has_direction
    thrust = BOOST_THRUST if craft["boosts"] else THRUST
    craft["vx"] = (craft["vx"] + dx * thrust) * GLIDE
    craft["vy"] = (craft["vy"] + dy * thrust) * GLIDE
    craft["x"] += craft["vx"]
    craft["y"] += craft["vy"]
    if has_direction:
        turn(craft, dx, dy)
    if craft["boosts"]:
        craft["fuel"] -= 1


def turn(craft, dx, dy):
    hx = craft["hx"] + (dx - craft["hx"]) * TURN - craft["hy"] * 0.01
    hy = craft["hy"] + (dy - craft["hy"]) * TURN + craft["hx"] * 0.01
    length = math.sqrt(hx * hx + hy * hy)
    if length > 0.001:
        craft["hx"], craft["hy"] = hx / length, hy / length


def bump(all_craft, one, other):
    first, second = all_craft[one], all_craft[other]
    if first["sunk"] > 0 or second["sunk"] > 0:
        return
    dx, dy = second["x"] - first["x"], second["y"] - first["y"]
    distance = math.sqrt(dx * dx + dy * dy)
    if not 0.001 <= distance < CRAFT_RADIUS * 2.0:
        return
    nx, ny = dx / distance, dy / distance
    overlap = CRAFT_RADIUS * 2.0 - distance
    first["x"] -= nx * overlap / 2.0
    first["y"] -= ny * overlap / 2.0
    second["x"] += nx * overlap / 2.0
    second["y"] += ny * overlap / 2.0
    closing = (first["vx"] - second["vx"]) * nx + (first["vy"] - second["vy"]) * ny
    if closing > 0.0:
        push = closing * (1.0 + BOUNCE) / 2.0
        first["vx"] -= push * nx
        first["vy"] -= push * ny
        second["vx"] += push * nx
        second["vy"] += push * ny
    first["bumped"], first["bumper"] = BUMPED_FRAMES, other
    second["bumped"], second["bumper"] = BUMPED_FRAMES, one


# Texts as serde_json writes them: no spaces, shortest digits, its own rule for exponents.


def to_text(value):
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return "[" + ",".join(map(to_text, value)) + "]"
    return "{" + ",".join(f'"{key}":{to_text(inner)}' for key, inner in value.items()) + "}"


def float_text(number):
    text = repr(number)
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    power = int(exponent)
    if power == -5:
        sign = "-" if mantissa.startswith("-") else ""
        digits = mantissa.lstrip("-").replace(".", "")
        return f"{sign}0.0000{digits}"
    return f"{mantissa}e{power}"

"""What the figures rest on, and what the words of the report mean."""

from txsim.compare.certainty import CERTAINTY
from txsim.formatting import counted, listed, plain
from txsim.report.view import View


def meaning_of_the_words(view: View) -> list[tuple[str, str]]:
    """Return each word of certainty with the numbers it stands for."""
    said = []
    above = 1.0
    for least, word in CERTAINTY:
        numbers = (
            f"in at least {plain(100 * least)} of 100 simulated worlds the difference goes this way"
            if above == 1.0
            else f"in {plain(100 * least)} to {plain(100 * above)} of 100"
            if least > 0
            else f"in fewer than {plain(100 * above)} of 100"
        )
        said.append((word, numbers))
        above = least
    said.append(("cannot tell", "no difference at all lies within the range"))
    said.append(
        (
            "3 to 8 more",
            "if the model is right, the expected difference lies in this range 9 times in 10 "
            "(single years vary more)",
        )
    )
    return said


def basis(view: View) -> str:
    """Return what the figures were computed from: years, people, simulated worlds."""
    years = counted(view.replications, "simulated year")
    same = ", the same people and the same luck under each" if view.paired else ""
    if view.paired and view.apart:
        same += f" but {listed([design.label for design in view.apart])}"
    sentence = f"{years}{' of each design' if view.others else ''}{same}."
    if view.draws > 1:
        sentence += (
            f" They are spread over {counted(view.draws, 'simulated world')}, which differ in "
            "what is not known: the size of effects, and how hard this clinic's people are to "
            "keep."
        )
    return sentence

"""How a command ends when it is told to: by SIGTERM, or because its terminal is gone (SIGHUP)."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread, current_thread, main_thread
from types import FrameType

SIGNALS = ("SIGTERM", "SIGHUP")
PATIENCE = 2.5
"""Seconds in which a command may clear away before it is ended by force."""


class Stopped(BaseException):
    """The command was told to end; like an interruption from the keyboard."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped in the main thread when the command is told to end.

    Compiling is deaf for many seconds, so after PATIENCE the process ends whatever it does. A
    signal that is ignored (`nohup`) or handled by somebody else stays so.
    """
    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    numbers = [one for one in numbers if signal.getsignal(one) == signal.SIG_DFL]
    if not numbers or current_thread() is not main_thread():
        yield
        return
    heard: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        for one in (signal.SIGINT, *numbers):
            signal.signal(one, signal.SIG_IGN)  # it is said once
        heard.append(number)
        raise Stopped(number)

    listening, telling = os.pipe()
    os.set_blocking(telling, False)
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, *numbers)}
    told_before = signal.set_wakeup_fd(telling, warn_on_full_buffer=False)
    Thread(target=_end_by_force, args=(listening, numbers), daemon=True).start()
    for number in numbers:
        signal.signal(number, stop)
    try:
        yield
    except BaseException as error:
        if heard and not isinstance(error, Stopped):
            raise Stopped(heard[0]) from error  # such as a terminal that cannot be written to
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        signal.set_wakeup_fd(told_before)
        os.close(telling)


def _end_by_force(listening: int, numbers: list[int]) -> None:
    """Wait for one of these signals, then end the process unless it has ended by then."""
    while told := os.read(listening, 1):
        if told[0] in numbers:
            time.sleep(PATIENCE)
            with suppress(OSError):  # the terminal may be gone
                os.write(2, f"\nEnded by {signal.Signals(told[0]).name}.\n".encode())
            os._exit(128 + told[0])
    os.close(listening)

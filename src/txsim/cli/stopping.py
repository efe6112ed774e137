"""How a command ends when it is told to.

By Ctrl-C, by SIGTERM, or because its terminal is gone (SIGHUP).
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread, Timer, current_thread, main_thread
from types import FrameType

REQUESTS = ("SIGINT", "SIGTERM", "SIGHUP")
PATIENCE = 2.5
"""Seconds in which a command may clear away before it is ended by force."""


class Stopped(BaseException):
    """The command was told to end by a signal other than that of Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise KeyboardInterrupt or Stopped in the main thread, once, when the command is told to end.

    From then on such signals are ignored, and after PATIENCE the process ends whatever it does:
    compiling is deaf for many seconds. A signal that is ignored (`nohup`) or handled by somebody
    else stays so.
    """
    numbers = [getattr(signal, name) for name in REQUESTS if hasattr(signal, name)]
    before = {one: signal.getsignal(one) for one in numbers}
    numbers = [
        one for one in numbers if before[one] in (signal.SIG_DFL, signal.default_int_handler)
    ]
    if not numbers or current_thread() is not main_thread():
        yield
        return
    heard: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        if heard:
            return  # it is said once, and being done
        if _loses_exceptions(frame):
            Timer(0.05, _send_again, (number,)).start()
            return
        heard.append(number)
        raise _exception(number)

    listening, telling = os.pipe()
    if hasattr(os, "set_blocking"):  # Windows has it from Python 3.12 on, and needs it nowhere
        os.set_blocking(telling, False)
    lost_before = sys.unraisablehook

    def lost(what: "sys.UnraisableHookArgs") -> None:
        """Ask again where Python would print our exception and go on, as in callbacks from C."""
        if heard and isinstance(what.exc_value, KeyboardInterrupt | Stopped):
            Timer(0.05, _send_again, (heard.pop(),)).start()
        else:
            lost_before(what)

    sys.unraisablehook = lost
    told_before = signal.set_wakeup_fd(telling, warn_on_full_buffer=False)
    Thread(target=_end_by_force, args=(listening, numbers), daemon=True).start()
    for number in numbers:
        signal.signal(number, stop)
    try:
        yield
    except BaseException as error:
        if heard and not isinstance(error, KeyboardInterrupt | Stopped):
            # Such as a terminal that cannot be written to any more.
            raise _exception(heard[0]) from error
        raise
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN if heard else before[number])
        signal.set_wakeup_fd(told_before)
        sys.unraisablehook = lost_before
        os.close(telling)


def _send_again(number: int) -> None:
    """Send this process a signal once more."""
    if os.name == "posix":
        os.kill(os.getpid(), number)  # it interrupts the main thread, wherever that waits
    else:
        signal.raise_signal(number)  # on Windows `os.kill` would end the process at once


LOSING = ("__del__", "_raw_object_cache_notify", "_raw_object_cache_getbuffer")
"""Functions that are called while Python gives something back, or by llvmlite's compiler: of an
exception there Python prints a traceback, and goes on."""


def _loses_exceptions(frame: FrameType | None) -> bool:
    """Whether an exception would be printed where the program stands, and nothing else."""
    while frame is not None:
        if frame.f_code.co_name in LOSING:
            return True
        frame = frame.f_back
    return False


def _exception(number: int) -> BaseException:
    return KeyboardInterrupt() if number == signal.SIGINT else Stopped(number)


def _end_by_force(listening: int, numbers: list[int]) -> None:
    """Wait for one of these signals, then end the process unless it has ended by then."""
    while told := os.read(listening, 1):
        if told[0] in numbers:
            time.sleep(PATIENCE)
            with suppress(OSError):  # the terminal may be gone
                os.write(2, f"\nEnded by {signal.Signals(told[0]).name}.\n".encode())
            os._exit(128 + told[0])
    os.close(listening)

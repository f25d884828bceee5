package io.dormouse.engine;

import org.jspecify.annotations.Nullable;

/**
 * What the app's code threw, as it may be logged: with its class and where it was thrown, but
 * without its message, which may hold a secret, or may throw in turn.
 */
final class WithoutMessage extends Throwable {
  private static final long serialVersionUID = 1L;
  private static final int MOST_CAUSES = 8; // they may be a circle

  WithoutMessage(Throwable thrown) {
    this(thrown, MOST_CAUSES);
  }

  private WithoutMessage(Throwable thrown, int causes) {
    super(thrown.getClass().getName(), cause(thrown, causes), false, true);
    setStackTrace(thrown.getStackTrace());
  }

  private static @Nullable Throwable cause(Throwable thrown, int causes) {
    Throwable cause = thrown.getCause();
    return cause == null || causes == 0 ? null : new WithoutMessage(cause, causes - 1);
  }
}

package io.dormouse.log;

import org.jspecify.annotations.Nullable;

/**
 * What code of the app has thrown, as it may be logged: its class and where it was thrown, and the
 * same of its causes, but none of their messages, which may quote payload or credentials. It stands
 * in for the original, which is neither kept nor asked for its text: that may throw, too.
 */
public final class WithoutMessage extends Throwable {
  private static final long serialVersionUID = 1;

  /** So many causes are told; a chain may also be a circle. */
  private static final int MOST_CAUSES = 10;

  private WithoutMessage(Throwable original, @Nullable WithoutMessage cause) {
    super(original.getClass().getName(), cause, false, true);
    try {
      setStackTrace(original.getStackTrace());
    } catch (Throwable e) { // it is the app's class
      setStackTrace(new StackTraceElement[0]);
    }
  }

  /** Returns what may be logged of something that code of the app has thrown. */
  public static WithoutMessage of(Throwable thrown) {
    return of(thrown, MOST_CAUSES);
  }

  private static WithoutMessage of(Throwable thrown, int mostCauses) {
    Throwable cause = mostCauses == 0 ? null : cause(thrown);
    return new WithoutMessage(thrown, cause == null ? null : of(cause, mostCauses - 1));
  }

  private static @Nullable Throwable cause(Throwable thrown) {
    try {
      return thrown.getCause();
    } catch (Throwable e) { // it is the app's class
      return null;
    }
  }

  /** Returns the name of the original's class. */
  @Override
  @SuppressWarnings("OverrideThrowableToString") // its class's own name would say nothing
  public String toString() {
    return getMessage() + " (its message may be payload and is left out)";
  }
}

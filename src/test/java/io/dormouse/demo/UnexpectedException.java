package io.dormouse.demo;

import java.util.concurrent.ExecutionException;

/** What was seen, which is not what was expected. */
final class UnexpectedException extends Exception {
  private static final long serialVersionUID = 1;

  UnexpectedException(String seen) {
    super(seen);
  }

  UnexpectedException(String seen, Exception cause) {
    super(seen, cause);
  }

  /** Returns what a failure shows. */
  static String seen(Exception failure) {
    Throwable seen =
        failure instanceof ExecutionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return seen instanceof UnexpectedException ? seen.getMessage() : seen.toString();
  }
}

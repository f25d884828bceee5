package io.dormouse.loop;

/** Tells whether there was no memory for something, so that it can be done again. */
public final class LackOfMemory {
  private LackOfMemory() {}

  /**
   * Returns whether this was thrown for lack of memory. The JDK wraps that into an {@link
   * InternalError} when it links what is called for the first time, such as a lambda; the JVM links
   * it anew the next time.
   */
  public static boolean is(Throwable thrown) {
    return thrown instanceof OutOfMemoryError
        || (thrown instanceof InternalError && thrown.getCause() instanceof OutOfMemoryError);
  }
}

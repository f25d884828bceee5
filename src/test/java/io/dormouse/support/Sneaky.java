package io.dormouse.support;

/** Throws checked exceptions without a declaration, as code in Kotlin may. */
public final class Sneaky {
  private Sneaky() {}

  /** Throws this. */
  public static void raise(Throwable throwable) {
    Sneaky.<RuntimeException>cast(throwable);
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void cast(Throwable throwable) throws E {
    throw (E) throwable;
  }
}

package android.os;

/** Stands in for Android's, whose stubs throw whatever is called. There is the main one only. */
public final class Looper {
  private static final Looper MAIN = new Looper();

  private Looper() {}

  public static Looper getMainLooper() {
    return MAIN;
  }
}

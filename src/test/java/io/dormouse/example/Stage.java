package io.dormouse.example;

import io.dormouse.ConnectionRegistry;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Where an example is played: it says what happens, and fails if that is not what should. An app
 * has no use for it.
 */
public final class Stage {
  /** What is played. */
  @FunctionalInterface
  public interface Play {
    /** Plays it; what it throws is its failure. */
    void on(Stage stage) throws Exception;
  }

  private static final long SOON_MILLIS = 500;
  private static final long LIMIT_MILLIS = 10_000;

  /** It reports each request. Kept, or it may be collected. */
  private static final Logger SERVER = Logger.getLogger("mockwebserver3.MockWebServer");

  private final PrintStream out;
  private final long began = System.nanoTime();

  Stage(PrintStream out) {
    this.out = out;
    SERVER.setLevel(Level.OFF);
  }

  /** Plays it for the command line: the process ends with 1 if it fails. */
  public static void play(Play play) {
    if (!new Stage(System.out).perform(play)) {
      System.exit(1);
    }
    // Returns otherwise: whoever runs this in their own process, as Maven does, goes on.
  }

  /** Returns whether it went well. */
  boolean perform(Play play) {
    try {
      play.on(this);
      say("all was as it should be");
      return true;
    } catch (Exception | AssertionError e) {
      say("FAILED: " + e);
      return false;
    }
  }

  /** Prints a line, with the seconds since the beginning. */
  public void say(String text) {
    double seconds = (System.nanoTime() - began) / 1e9;
    out.println(String.format(Locale.ROOT, "%5.2f s  %s", seconds, text));
  }

  /** Fails if this does not hold. */
  public void expect(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("expected that " + what);
    }
  }

  /** Waits for a future, and returns what it brings. */
  public <T> T await(String what, CompletionStage<T> future) throws Exception {
    CompletableFuture<T> waited = future.toCompletableFuture();
    try {
      return waited.get(SOON_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      say("(waiting until " + what + ")");
      return waited.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Waits until this holds. */
  public void awaitUntil(String what, BooleanSupplier holds) throws InterruptedException {
    long waited = 0;
    for (; !holds.getAsBoolean(); waited += 5) {
      expect(waited < LIMIT_MILLIS, what);
      if (waited == SOON_MILLIS) {
        say("(waiting until " + what + ")");
      }
      Thread.sleep(5);
    }
  }

  /** Brings the app to the foreground, as the platform's hook does. */
  public void foreground(ManualAppLifecycle lifecycle) {
    say("-- foreground");
    lifecycle.onForeground();
  }

  /** Sends the app to the background, as the platform's hook does, and waits until it is quiet. */
  public void background(ManualAppLifecycle lifecycle, ConnectionRegistry registry) {
    say("-- background");
    lifecycle.onBackground();
    expect(registry.awaitSettled(Duration.ofSeconds(4)), "it settles within 4 s");
    say(registry.settled().join() + "; open: " + registry.stillOpen());
  }
}

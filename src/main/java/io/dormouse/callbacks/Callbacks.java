package io.dormouse.callbacks;

import io.dormouse.loop.Loop;
import io.dormouse.loop.SelectorLoop;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Where a registry runs code that is not its own. Any thread.
 *
 * <ul>
 *   <li>{@link #serial} for the app's callbacks: on the app's executor if there is one; else on the
 *       loop's thread while they are quick, and on callback threads while they are not.
 *   <li>{@link #completions} for the futures that the app was given: the same, but never on the
 *       app's executor, so that a callback that waits for one of them does get its answer.
 *   <li>{@link #blocking} for look-ups, suppliers and whatever else may block: on threads that no
 *       callback ever waits for.
 * </ul>
 */
public final class Callbacks {
  private final Loop loop;
  private final Executor threads;
  private final Executor blocking;
  private final Optional<Executor> apps;

  /**
   * Creates one that uses threads of others.
   *
   * @param threads runs callbacks, and what an app's executor refuses
   * @param blocking runs work that blocks
   * @param apps where the app wants its callbacks; empty if it leaves that to us
   */
  public Callbacks(Loop loop, Executor threads, Executor blocking, Optional<Executor> apps) {
    this.loop = loop;
    this.threads = threads;
    this.blocking = blocking;
    this.apps = apps;
  }

  /**
   * Returns an executor that runs callbacks of the app, in order and never two at once.
   *
   * @param owner whose they are, for the log
   */
  public Executor serial(String owner) {
    return apps.map(app -> (Executor) new SerialExecutor(owner, app, threads))
        .orElseGet(() -> completions(owner));
  }

  /**
   * Returns an executor that completes futures of the app, in order and never two at once, on
   * threads of the library whatever executor the app brings.
   *
   * @param owner whose they are, for the log
   */
  public Executor completions(String owner) {
    return new SerialExecutor(owner, new InlineCalls(loop, threads), threads);
  }

  /** Returns where work runs that may block. */
  public Executor blocking() {
    return blocking;
  }

  /**
   * Returns whether the caller is code of an app that a thread of the library runs, of whichever
   * registry.
   */
  public static boolean isOwnThread() {
    return WorkThreads.isOneOfAny() || SelectorLoop.isOnLentThread();
  }
}

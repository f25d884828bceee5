package io.dormouse.observe;

import io.dormouse.task.LongRunningTask;

/**
 * Hears of all that happens in a registry, for measuring, recording and drawing it: {@link
 * ObservedRegistry#addObserver}. (An app that wants to act on one connection's steps takes a {@link
 * io.dormouse.connection.ConnectionListener}, whose calls are in order with the connection's other
 * callbacks. An observer hears of a step at once, whatever the callbacks before it do.)
 *
 * <p>The calls are complete, in the order in which things happened, and never overlap. They come on
 * threads of the library, never on the app's callback executor. An observer that blocks holds up
 * only what it is told itself, which is kept for it; one that throws is logged, and hears of the
 * next as usual. Something is missed only where the process has no memory left, and by one for
 * which 50,000 calls wait: it hears of the next when half of them are done, and a warning in the
 * log says so.
 */
public interface RegistryObserver {
  /**
   * A connection took a step. Its attempts, and the ends of its generations, are such steps.
   *
   * @param step from which state to which, when and why
   */
  default void onStep(ConnectionStep step) {}

  /**
   * Connections begin to go to sleep: the app has left the front, or a task has ended while it was
   * in the background. Several such suspends may be under way at the same time; each ends with
   * {@link #onSuspended}.
   */
  default void onSuspending() {}

  /**
   * They are asleep.
   *
   * @param report what became of each connection
   */
  default void onSuspended(SuspendReport report) {}

  /**
   * Connections begin to come back. If the app leaves and returns before their first attempts are
   * over, this comes again, and {@link #onResumed} once for both.
   */
  default void onResuming() {}

  /**
   * The first attempt of each is over.
   *
   * @param report what became of each first attempt
   */
  default void onResumed(ResumeReport report) {}

  /**
   * A task has started.
   *
   * @param task which, with what it covers
   */
  default void onTaskStarted(LongRunningTask task) {}

  /**
   * A task has ended; {@link LongRunningTask#ending()} says how.
   *
   * @param task which; its {@code ending()} is there
   */
  default void onTaskEnded(LongRunningTask task) {}
}

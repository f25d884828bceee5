package io.dormouse.engine;

import io.dormouse.connection.CloseReason;

/** What can happen to one connection. */
sealed interface Event {
  Event WAKE = new Wake();
  Event RETRY_NOW = new RetryNow();
  Event PERMIT = new Permit();
  Event LIMIT_REACHED = new LimitReached();
  Event CONNECTED = new Connected();
  Event PREPARED = new Prepared();
  Event FLUSHED = new Flushed();

  /** It is wanted: newly, or again since the app has come to the front. */
  record Wake() implements Event {}

  /** It is not wanted any more; its socket is gone by the deadline. */
  record Sleep(CloseReason reason, long deadlineNanos) implements Event {}

  /** It is closed for good, by the app as a rule; its socket is gone by the deadline. */
  record Close(CloseReason reason, long deadlineNanos) implements Event {}

  /** The app asks for an attempt now. */
  record RetryNow() implements Event {}

  /** It may connect now. */
  record Permit() implements Event {}

  /** The {@link LinkState.Limit} of its state is reached. */
  record LimitReached() implements Event {}

  /** The wire is up. */
  record Connected() implements Event {}

  /** The app's own preparation is done. */
  record Prepared() implements Event {}

  /** The wire has written all that was accepted. */
  record Flushed() implements Event {}

  /** The wire's socket is gone; {@code orderly} if both sides knew. */
  record Ended(CloseReason reason, boolean orderly) implements Event {}
}

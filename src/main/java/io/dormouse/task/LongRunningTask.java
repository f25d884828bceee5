package io.dormouse.task;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * A lease that keeps the connections it covers, some or all, wanted while the app is in the
 * background. It ends once, in one of the ways of {@link Ending}; the connections that no other
 * task covers then go to sleep, if the app is still in the background.
 *
 * <p>A platform limits such leases. HarmonyOS: a transient task lasts at most 3 min (1 min on low
 * battery), 3 at once, with a warning some 6 s before it expires; a continuous task can be revoked
 * from outside. Tell the lease what the platform tells you: {@link TaskOptions#atMost} and {@link
 * #revoke()}.
 *
 * <p>All methods are safe from any thread and return at once.
 */
public interface LongRunningTask extends AutoCloseable {
  /** How a task ended. */
  enum Ending {
    /** The app closed it. */
    CLOSED,
    /** Its deadline passed. */
    EXPIRED,
    /** It was revoked from outside, or its registry was closed. */
    REVOKED
  }

  /** {@return the name, for reports and logs; two tasks may share one} */
  String name();

  /** {@return the names of the connections it covers; empty if it covers all} */
  Set<String> covered();

  /** {@return how long until its deadline, zero once it has ended; empty if it has no deadline} */
  Optional<Duration> remaining();

  /** {@return how it ended; empty while it is live} */
  Optional<Ending> ending();

  /**
   * Ends the task because the platform took it back, for instance when the user removed its
   * notification. Does nothing if it has ended.
   */
  void revoke();

  /** Ends the task. Does nothing if it has ended. */
  @Override
  void close();
}

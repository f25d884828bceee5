package io.dormouse.support;

import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionListener;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.StateChange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Remembers every step of one connection, and fails as soon as the steps don't follow each other:
 * each begins where the one before ended, generations don't go back, nothing comes after CLOSED.
 */
public final class StateLog implements ConnectionListener {
  private final List<StateChange> changes = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();

  @Override
  public synchronized void onStateChange(Connection connection, StateChange change) {
    ConnectionState before =
        changes.isEmpty() ? ConnectionState.SUSPENDED : changes.get(changes.size() - 1).to();
    long generation = changes.isEmpty() ? 0 : changes.get(changes.size() - 1).generation();
    if (change.from() != before || change.generation() < generation) {
      wrong.add(connection.name() + ": " + change + " after " + changes);
    }
    changes.add(change);
    notifyAll();
  }

  /** Returns the steps so far, having checked that they follow each other. */
  public synchronized List<StateChange> changes() {
    if (!wrong.isEmpty()) {
      throw new AssertionError(wrong.toString());
    }
    return List.copyOf(changes);
  }

  /** Returns the states so far, beginning with the one before the first step. */
  public List<ConnectionState> states() {
    List<ConnectionState> states = new ArrayList<>(List.of(ConnectionState.SUSPENDED));
    for (StateChange change : changes()) {
      states.add(change.to());
    }
    return states;
  }

  /**
   * Waits until the connection has come to a state at least so many times, and returns the step.
   */
  public synchronized StateChange await(ConnectionState state, int times) {
    long deadline = System.nanoTime() + Await.LIMIT.toNanos();
    while (true) {
      int seen = 0;
      for (StateChange change : changes) {
        if (change.to() == state && ++seen == times) {
          return change;
        }
      }
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError("never came to " + state + " " + times + " times: " + changes);
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }
  }

  /** Waits until the connection has come to a state, and returns the step. */
  public StateChange await(ConnectionState state) {
    return await(state, 1);
  }
}

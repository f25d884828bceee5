package io.dormouse.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one connection does not begin while its app is behind: an app that does not take its changes
 * of state is given no more of them, so there is no new attempt until it has caught up. What ends
 * something is never held back. Loop only.
 */
final class HeldBack {
  private final Link link;
  private final Inbox inbox;
  private final StepQueue steps;
  private final Reconciler reconciler;

  /** What was asked for meanwhile, and is done when the app has caught up. */
  private @Nullable Event event;

  HeldBack(Link link, Inbox inbox, StepQueue steps, Reconciler reconciler) {
    this.link = link;
    this.inbox = inbox;
    this.steps = steps;
    this.reconciler = reconciler;
  }

  /** Returns whether this is held back, in this state. For events only. */
  boolean holds(LinkState linkState, Event next) {
    boolean begins = next instanceof Event.Wake || next instanceof Event.RetryNow;
    if (!begins) {
      if (next instanceof Event.Sleep || next instanceof Event.Close) {
        event = null;
      }
      return false;
    } else if (!inbox.isBehind()) {
      return false;
    }
    event = next;
    if (!linkState.hasWire()) {
      steps.addRestOfStep(List.of(this::callOff));
    }
    return true;
  }

  /** Who waits for the connection to come up does so no longer. */
  void callOff() {
    reconciler.onState(link, Machine.initial());
  }

  /** Does what was held back, if the app has caught up. */
  void goOnIfCaughtUp() {
    if (!inbox.resumeAttempts()) {
      return;
    }
    try {
      goOn();
    } catch (OutOfMemoryError e) {
      inbox.stopAttempts();
      throw e;
    }
  }

  private void goOn() {
    Event held = event;
    if (link.linkState() instanceof LinkState.Queued) {
      link.run(this::queueAgain);
    } else if (link.linkState().target() == LinkState.Target.SUSPENDED) {
      reconciler.reconcileSoon(); // it may be wanted no more
    } else if (held != null) {
      link.on(held);
    }
    event = null;
  }

  private void queueAgain() {
    if (link.linkState() instanceof LinkState.Queued && reconciler.connectLimiter().acquire(link)) {
      link.step(Event.PERMIT);
    }
  }
}

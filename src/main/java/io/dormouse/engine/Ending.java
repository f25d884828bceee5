package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.log.LogLine;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a registry, from its beginning to its report. Loop only, but for what is marked. */
final class Ending {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.registry");
  private static final LogLine LEFT_BEHIND =
      LogLine.error(log, "sockets are still open after the registry's end: {}");
  private static final LogLine NOTHING_WORKS =
      LogLine.error(log, "no connection of this registry works any more: {}");

  /** Why connections are closed that the app, or the registry with it, has closed. */
  static final CloseReason CLOSED_BY_APP = CloseReason.of(CloseReason.Kind.CLOSED_BY_APP);

  /** How far it is. */
  private enum Phase {
    NOT_BEGUN,
    CLOSING,
    OVER
  }

  private final Reconciler reconciler;
  private final Directory directory;
  private final Links links;
  private final Wanted wanted;
  private final Suspends suspends;
  private final Resumes resumes;
  private final Runnable onEnded;
  private Phase phase = Phase.NOT_BEGUN;
  private volatile List<String> leftBehind = List.of();

  /**
   * Creates one that has not begun.
   *
   * @param onEnded runs on the loop when everything is closed, as the last
   */
  Ending(
      Reconciler reconciler,
      Directory directory,
      Links links,
      Wanted wanted,
      Suspends suspends,
      Resumes resumes,
      Runnable onEnded) {
    this.reconciler = reconciler;
    this.directory = directory;
    this.links = links;
    this.wanted = wanted;
    this.suspends = suspends;
    this.resumes = resumes;
    this.onEnded = onEnded;
  }

  boolean hasBegun() {
    return phase != Phase.NOT_BEGUN;
  }

  /** Returns those that still held sockets in the end. Any thread. */
  List<String> leftBehind() {
    return leftBehind;
  }

  /** Closes all connections for good. May be called again, if there was no memory for all of it. */
  void begin() {
    if (phase == Phase.OVER) {
      return;
    } else if (phase == Phase.NOT_BEGUN) {
      phase = Phase.CLOSING;
      reconciler.observers().onEnding();
    }
    directory.clear();
    wanted.revokeAll();
    for (Link link : links.byPriority()) {
      close(link);
    }
    resumes.callOff();
    checkOver();
  }

  /** Closes one connection for good, unless it was told so before. */
  void close(Link link) {
    if (link.linkState().target() != LinkState.Target.CLOSED) {
      link.on(new Event.Close(CLOSED_BY_APP, reconciler.budgetEndFromNow()));
    }
  }

  /** Ends the loop too if everything is closed. */
  void checkOver() {
    if (phase == Phase.CLOSING && links.isEmpty() && suspends.isIdle()) {
      suspends.setSettling(false);
      suspends.check();
      // In the next iteration, when what was closed last has given its file descriptor back.
      boolean unused = reconciler.tasks().execute(this::end);
      phase = Phase.OVER; // as the last: if there was no memory, all of it is done again
    }
  }

  private void end() {
    leftBehind = reconciler.openAndNotCovered();
    if (!leftBehind.isEmpty()) {
      LEFT_BEHIND.write(leftBehind, null, null);
    }
    onEnded.run();
  }

  /**
   * The loop has ended. If everything was closed by then, all is well; else nothing works any more,
   * and everything says so here and now.
   *
   * @param failure what ended it; null if nothing did
   * @return whether it came too early
   */
  boolean loopEnded(@Nullable Throwable failure) {
    if (phase == Phase.OVER) {
      return false;
    }
    CloseReason.Kind kind = CloseReason.Kind.INTERNAL_ERROR;
    CloseReason reason =
        failure == null
            ? CloseReason.of(kind, "the I/O thread has ended")
            : CloseReason.of(kind, "the I/O thread has failed", failure);
    phase = Phase.OVER;
    directory.clear();
    reconciler.takeIn(link -> {}); // after that no more can come
    wanted.revokeAllHere();
    for (Link link : links.byPriority()) {
      link.on(new Event.Close(reason, reconciler.loop().nanoTime()));
      link.on(Event.LIMIT_REACHED); // there is no more time for a close handshake
    }
    resumes.callOff();
    suspends.finishAll();
    leftBehind = reconciler.openAndNotCovered();
    NOTHING_WORKS.write(reason, null, null);
    return true;
  }
}

package io.dormouse.engine;

import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionListener;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.StateChange;
import io.dormouse.support.StateLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One connection, what was done with it, and what its listener and its peer got. */
abstract class Walker implements ConnectionListener {
  private static final long HARD_CLOSE = Rig.HARD_CLOSE.toNanos();

  private final Walk walk;
  ManagedConnection connection;
  final StateLog log = new StateLog();
  boolean paused;
  boolean closed;
  boolean restless;
  int behavior;

  // What was so at any time since the engine last knew everything.
  private boolean wasUnpaused;
  private boolean wasCovered;
  private boolean wasNotClosed;

  /** When it must have let go of its socket; null while it is wanted. */
  private Long deadline;

  private boolean inCallback;
  private long calledFor; // the generation of the callback; 0 outside
  private boolean heardClosed;
  long heardGeneration;
  long heardEndOf;
  ConnectionState heard = ConnectionState.SUSPENDED;
  private int notHeard; // of its steps
  private int sent;
  final List<CompletableFuture<Void>> sends = new ArrayList<>();
  final List<String> texts = new ArrayList<>();

  /** Who waits for it to be open. */
  final List<CompletableFuture<?>> waiting = new ArrayList<>();

  Walker(Walk walk) {
    this.walk = walk;
  }

  /** It is registered; once, and before all else. */
  final void begin(ManagedConnection registered) {
    connection = registered;
    connection.addListener(log);
    connection.addListener(this);
    deadline = walk.now();
    noteDesired();
  }

  /** It is in another state, of which its listener will hear. */
  final void tookStep() {
    notHeard++;
  }

  /** Whether its app is so far behind that no new attempt may begin. */
  final boolean mayBeHeldBack() {
    return notHeard > Inbox.MOST_CHANGES / 2;
  }

  final void check(boolean right, String problem) {
    if (!right) {
      String what =
          connection
              + ": "
              + problem
              + (closed ? ", closed" : "")
              + (paused ? ", paused" : "")
              + ", "
              + connection.link().linkState()
              + connection.snapshot().lastReason().map(reason -> ", after " + reason).orElse("");
      walk.rig.complain(what); // in a wire or a callback the exception would be swallowed
      throw new AssertionError(what);
    }
  }

  /** From now on everything works. */
  abstract void behave();

  /** Sends a text; for the opening of a generation, if that is not 0. */
  abstract CompletableFuture<Void> submit(String text, long opening);

  /** How many sockets it has. */
  abstract long sockets();

  /** How many timers of its own its wire may have, beside the state's limit. */
  int timersOfWire() {
    return 0;
  }

  /** Checks what the peer got of the texts, in order, against what became of each send. */
  abstract void checkReceived(List<String> texts, List<CompletableFuture<Void>> sends);

  void noteDesired() {
    wasUnpaused |= !paused;
    wasCovered |= walk.isCovered(this);
    wasNotClosed |= !closed;
  }

  void forgetDesired() {
    wasUnpaused = false;
    wasCovered = false;
    wasNotClosed = false;
    noteDesired();
  }

  /** Whether it may still be attempted. */
  boolean mayAttempt() {
    return wasNotClosed && wasUnpaused && (walk.isFront() || wasCovered);
  }

  boolean mayHaveBeenAwake() {
    return wasNotClosed && wasUnpaused && (walk.wasInFront() || wasCovered);
  }

  void look(Long suspendedSince) {
    boolean wanted = walk.isWanted(this);
    if (wanted) {
      deadline = null;
    } else {
      if (deadline != null && mayHaveBeenAwake()) {
        deadline = walk.now() + HARD_CLOSE; // it may have been awake in between
      } else if (deadline == null) {
        deadline = (suspendedSince == null ? unwantedSince() : walk.now()) + HARD_CLOSE;
      }
      if (suspendedSince != null && suspendedSince + HARD_CLOSE - deadline < 0) {
        deadline = suspendedSince + HARD_CLOSE;
      }
      boolean socket = sockets() > 0;
      check(!socket || connection.state() == ConnectionState.DRAINING, "unwanted with a socket");
      check(!socket || walk.now() - deadline < 0, "a socket after its deadline");
    }
    ConnectionState state = connection.state();
    check(
        wanted
            || state == ConnectionState.SUSPENDED
            || state == ConnectionState.DRAINING
            || state == ConnectionState.CLOSED,
        "unwanted, and not asleep");
    check(!closed || state != ConnectionState.SUSPENDED, "closed, and asleep");
    check(
        !wanted || (state != ConnectionState.SUSPENDED && state != ConnectionState.CLOSED),
        "wanted, and asleep");
  }

  /** One that was kept, and that a callback has paused or closed since, has its own time. */
  boolean isLeavingByItself() {
    return (paused || closed) && deadline != null && walk.now() - deadline < 0;
  }

  /** Since now, by what the walk did; or by a task that ended while time passed. */
  private long unwantedSince() {
    if (walk.isFront() || paused || closed) {
      return walk.now();
    }
    Long latest = walk.latestEndOfATaskThatCovered(this);
    return latest == null ? walk.now() : latest;
  }

  void send(long generation) {
    // What a callback sends belongs to its generation, and the wire looks whether it got there.
    String text = connection.name() + "#" + sent++ + (calledFor == 0 ? "" : "@" + calledFor);
    texts.add(text);
    sends.add(submit(text, generation));
  }

  /** Sends some at once, now and then. */
  final void sendSome() {
    for (int i = walk.random.nextInt(4) > 0 ? 1 : walk.random.nextInt(20); i > 0; i--) {
      send(0);
    }
  }

  final void leaveCallback() {
    inCallback = false;
    calledFor = 0;
  }

  final void enterCallback(long generation) {
    calledFor = generation;
    check(!inCallback, "two callbacks at once");
    check(!heardClosed, "a callback after CLOSED");
    inCallback = true;
  }

  @Override
  public void onStateChange(Connection self, StateChange change) {
    enterCallback(change.generation());
    check(change.from() == heard, "hears " + change + " after " + heard);
    heard = change.to();
    notHeard--;
    check(change.generation() >= heardGeneration, "hears of an older generation");
    heardGeneration = change.generation();
    if (change.from().mayHoldSocket() && !change.to().mayHoldSocket()) {
      heardEndOf = change.generation();
      check(change.reason().isPresent(), "an end without a reason");
    }
    heardClosed = change.to() == ConnectionState.CLOSED;
    act();
    leaveCallback();
  }

  final CompletionStage<?> open(long generation) {
    check(heard == ConnectionState.PREPARING, "an opening that was not announced");
    check(generation == heardGeneration, "the opening of another generation");
    send(generation);
    CompletableFuture<Void> opening = new CompletableFuture<>();
    switch (behavior) {
      case 1 -> opening.complete(null);
      case 2 -> opening.completeExceptionally(new IllegalStateException("on purpose"));
      default -> {} // never
    }
    return opening;
  }

  /** What an app may do inside a callback. */
  final void act() {
    if (!restless || walk.isWitness(this) || walk.ended) {
      return;
    }
    switch (walk.random.nextInt(8)) {
      case 0 -> walk.pause(this);
      case 1 -> {
        paused = false;
        connection.resume();
      }
      case 2 -> connection.retryNow();
      case 3 -> sendSome();
      case 4 -> {
        if (walk.random.nextInt(10) == 0) {
          walk.close(this);
        }
      }
      default -> {}
    }
    walk.noteDesired();
  }

  /** Promise 5: one outcome each, and what the peer got is in order and none twice. */
  void checkAtTheEnd() {
    check(connection.state() == ConnectionState.CLOSED, "not closed at the end");
    check(heardClosed, "the listener has not heard of the end");
    check(log.changes() != null, "no path");
    for (int i = 0; i < sends.size(); i++) {
      CompletableFuture<Void> send = sends.get(i);
      String text = texts.get(i);
      check(send.isDone(), "no outcome for " + text);
    }
    check(Walk.areDone(waiting), "whenOpen() never completed");
    SendRoom room = connection.link().room();
    check(room.bytes() == 0, room.bytes() + " bytes still count");
    checkReceived(texts, sends);
    check(Objects.equals(connection.link().linkState(), new LinkState.Closed()), "not closed");
  }
}

package io.dormouse.callbacks;

import io.dormouse.log.LogLine;
import io.dormouse.log.WithoutMessage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one connection's callbacks on an executor that others use too. Any thread.
 *
 * <p>What is guaranteed, whatever the executor does:
 *
 * <ol>
 *   <li><b>In order</b> of {@link #execute}, and each sees all that those before it did.
 *   <li><b>One at a time.</b> None overlaps another, also if the executor runs what it is given
 *       twice, or throws after it has taken it.
 *   <li><b>Not re-entrant.</b> None runs inside of a call of {@code execute}. An executor that runs
 *       tasks on its caller's thread, always or when it is full, gets none to run: the caller may
 *       be the loop, or be deep inside of a callback already. Callback threads run them instead.
 *   <li><b>None is lost.</b> What an executor refuses goes to callback threads. What it takes and
 *       never runs nobody else can know of; from then on this connection's callbacks wait.
 *   <li><b>Nothing ends it.</b> A callback that throws is logged, and the next one runs.
 * </ol>
 *
 * <p>After some time the thread goes to other connections that wait for it; the rest of the
 * callbacks takes its turn behind them.
 */
public final class SerialExecutor implements Executor {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.callbacks");
  private static final LogLine CALLBACK_THREW = LogLine.appError(log, "{}: a callback threw");

  /**
   * A turn ends after this long, and one more callback. It bounds what another connection waits for
   * one that has always something to run; a change of turns costs a hundredth of it.
   */
  static final long TURN_NANOS = 250_000;

  /** So many quick callbacks run between two looks at the clock. */
  private static final int MOST_UNTIMED = 8;

  private final String owner;
  private final Executor executor;
  private final Executor threads;
  private final LongSupplier clock;
  private final Stranded stranded;
  private final ConcurrentLinkedQueue<Runnable> queue = new ConcurrentLinkedQueue<>();

  // A number of its own rather than an object with one, since each connection has such executors.
  private static final AtomicIntegerFieldUpdater<SerialExecutor> PENDING =
      AtomicIntegerFieldUpdater.newUpdater(SerialExecutor.class, "pending");

  private volatile int pending;

  /** Belongs to {@link Stranded}. */
  @Nullable SerialExecutor nextStranded;

  /**
   * Creates one.
   *
   * @param owner whose, for the log
   * @param executor where callbacks run
   * @param threads where they run if {@code executor} refuses, or is the caller's own thread
   * @param clock in nanoseconds, measures turns
   * @param stranded has it call {@link #offerTurn()} when nobody has taken its turn
   */
  SerialExecutor(
      String owner, Executor executor, Executor threads, LongSupplier clock, Stranded stranded) {
    this.owner = owner;
    this.executor = executor;
    this.threads = threads;
    this.clock = clock;
    this.stranded = stranded;
  }

  @Override
  public void execute(Runnable callback) {
    queue.add(callback);
    boolean first = PENDING.getAndIncrement(this) == 0;
    if (first && !offerTurn()) {
      stranded.add(this);
    }
  }

  /** Returns how many callbacks wait or run. */
  public int pending() {
    return pending;
  }

  /** Returns false if nobody takes it, which happens where no memory is left. */
  boolean offerTurn() {
    return offerTurn(executor) || (threads != executor && offerTurn(threads));
  }

  private boolean offerTurn(Executor to) {
    try {
      Turn turn = new Turn(this);
      return turn.isTakenBy(to);
    } catch (Throwable e) { // no memory, or a logger that throws
      return false;
    }
  }

  /** On whatever thread has the turn. */
  private void runTurns() {
    do {
      int done = runForAWhile();
      if (PENDING.addAndGet(this, -done) == 0) {
        return;
      }
    } while (!offerTurn()); // if nobody takes it, this thread may as well go on
  }

  private int runForAWhile() {
    int done = runNext();
    if (done == pending) {
      return done;
    }
    long begin = clock.getAsLong();
    int untimed = 1;
    while (true) {
      for (int i = 0; i < untimed; i++) {
        done += runNext();
        if (done == pending) {
          return done;
        }
      }
      if (clock.getAsLong() - begin >= TURN_NANOS) {
        return done;
      }
      untimed = Math.min(2 * untimed, MOST_UNTIMED);
    }
  }

  private int runNext() {
    Runnable callback = queue.poll();
    if (callback != null) { // it never is: a callback is queued before it is counted
      try {
        callback.run();
      } catch (Throwable e) { // checked ones too: Kotlin throws them undeclared
        CALLBACK_THREW.write(owner, e);
      }
    }
    return 1;
  }

  /** One turn on an executor: it is run by one thread and once, or it is not run at all. */
  private static final class Turn implements Runnable {
    private static final AtomicIntegerFieldUpdater<Turn> CLAIMED =
        AtomicIntegerFieldUpdater.newUpdater(Turn.class, "claimed");

    private final SerialExecutor of;
    private final Thread offeredBy = Thread.currentThread();

    @SuppressWarnings("UnusedVariable") // the updater reads it
    private volatile int claimed;

    // Only the thread that offers it reads and writes these.
    private boolean onOffer;
    private boolean calledInside;

    Turn(SerialExecutor of) {
      this.of = of;
    }

    boolean isTakenBy(Executor to) {
      onOffer = true;
      try {
        to.execute(this);
      } catch (Throwable e) { // whatever it throws: no more threads, not started
        if (claim()) {
          log.debug("{}: an executor refuses callbacks", of.owner, WithoutMessage.of(e));
          return false;
        }
        return true; // it had taken it before
      } finally {
        onOffer = false;
      }
      return !(calledInside && claim());
    }

    @Override
    public void run() {
      if (Thread.currentThread() == offeredBy && onOffer) {
        calledInside = true;
      } else if (claim()) {
        of.runTurns();
      }
    }

    private boolean claim() {
      return CLAIMED.compareAndSet(this, 0, 1);
    }
  }
}

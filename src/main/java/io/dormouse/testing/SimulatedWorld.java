package io.dormouse.testing;

import io.dormouse.ConnectionRegistry;
import io.dormouse.check.Check;
import io.dormouse.connection.Connection;
import io.dormouse.engine.Engine;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.LifecycleListener;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.observe.timeline.Timeline;
import io.dormouse.observe.timeline.TimelineRecorder;
import io.dormouse.task.LongRunningTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/**
 * A world for one test of an app: hosts that the test scripts, a clock that moves when the test
 * says so, and registries of the app's that live in it. The app's own code runs unchanged; minutes
 * pass in milliseconds, and the same seed and the same calls make the same run.
 *
 * <pre>{@code
 * try (SimulatedWorld world = new SimulatedWorld()) {
 *   Host server = world.host("203.0.113.1", "chat.example.com").serve(80, ChatServer::new);
 *   Chat chat = new Chat(world.registry().build()); // the app's own code
 *   world.lifecycle().onForeground();
 *   world.await(chat.connection().whenOpen());
 *   world.after(Duration.ofSeconds(3), () -> server.link().down()); // it stops answering
 *   world.advance(Duration.ofMinutes(1));
 *   assertEquals(ConnectionState.WAITING, chat.connection().state());
 * }
 * }</pre>
 *
 * <h2>Time</h2>
 *
 * <p>Nothing runs by itself. A thread that waits lets time pass, and on it runs what is due
 * meanwhile, callbacks included: {@link #advance}, {@link #await}, {@link #awaitUntil}, {@link
 * #sleep}, {@link #freeze}, and the registry's own methods that wait, such as {@link
 * ConnectionRegistry#awaitSettled} and {@link ConnectionRegistry#close()}. That is the test's
 * thread, or a callback that waits; one thread at a time. To wait for a future of the app's by
 * {@link CompletableFuture#join()} would wait for ever: {@link #await} does it.
 *
 * <p>Code of the app that needs threads, a timer or a main thread of its own gets them from here:
 * {@link #threads()}, {@link #timer()}, {@link #mainThread()}. On other threads it may call what
 * returns at once; when that happens is then not decided by the seed. A registry's callbacks run
 * one at a time, unless it has an executor of its own, and its {@linkplain
 * ConnectionRegistry.Builder#sleepAwareClock clock} is the world's in any case.
 *
 * <h2>What is not played</h2>
 *
 * <p>HTTP by a client that is not made by {@link #httpClient}: its calls would go to the real
 * network, so {@code register()} refuses it. HTTP/2 and HTTP over TLS are tested against a local
 * server, such as MockWebServer, with a registry outside of a world. Names that an app's own
 * resolver looks up, and whatever else the app asks of the real system, stay real.
 */
public final class SimulatedWorld implements AutoCloseable {
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  /** So many lines of a timeline a person may read in a message. */
  private static final int MOST_LINES = 60;

  /** As long as what was closed may still be closing: more than any budget of a platform. */
  private static final Duration TO_CLOSE = Duration.ofSeconds(15);

  private final long seed;
  private final VirtualTime time = new VirtualTime();
  private final SimulatedNetwork network;
  private final SimulatedPlatform platform;
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final Registries registries = new Registries(time.network()::nanoTime);
  private final TimelineRecorder recorder = TimelineRecorder.of(registries);

  /** Creates a world from the seed 1. */
  public SimulatedWorld() {
    this(1);
  }

  /**
   * Creates a world in which no time has passed, without hosts and registries.
   *
   * @param seed decides all that is left to chance: jitter, loss, pauses before an attempt
   */
  public SimulatedWorld(long seed) {
    this.seed = seed;
    network = new SimulatedNetwork(time.network(), time.app(), seed);
    network.onNote(recorder::note);
    time.wakeBy(network.blocking()::wakeReady);
    platform = new SimulatedPlatform(time, network, registries);
    lifecycle.addListener(new Hooks());
  }

  // -------------------------------------------------------------------------------------- the app

  /**
   * Returns the lifecycle that the app's hooks would drive; the test does it.
   *
   * @return the same one each time
   */
  public ManualAppLifecycle lifecycle() {
    return lifecycle;
  }

  /**
   * Begins a registry in this world that follows {@link #lifecycle()}.
   *
   * @return a builder as {@link ConnectionRegistry#builder} returns it
   */
  public ConnectionRegistry.Builder registry() {
    return registry(lifecycle);
  }

  /**
   * Begins a registry in this world.
   *
   * @param follows what it follows, such as {@code
   *     world.lifecycle().settled(Duration.ofMillis(700), world.timer())}
   * @return a builder as {@link ConnectionRegistry#builder} returns it
   */
  public ConnectionRegistry.Builder registry(AppLifecycle follows) {
    return within(() -> ConnectionRegistry.builder(follows));
  }

  /**
   * Runs code of the app's that makes its own registries: those that this thread begins in it are
   * in this world.
   *
   * @param <T> what the code returns
   * @param code what makes them
   * @return what the code returns
   */
  public <T> T within(Supplier<T> code) {
    return platform.within(code);
  }

  /**
   * Returns threads that may wait in simulated time, by {@link #sleep}, {@link #await} and the
   * registry's methods. One of them runs at a time.
   *
   * @return an executor for the app
   */
  public Executor threads() {
    return network.blocking();
  }

  /**
   * Returns a main thread, as a platform's user interface has one: what it is given runs in order,
   * one after the other, while time passes.
   *
   * @return an executor for the app
   */
  public Executor mainThread() {
    return time.main();
  }

  /**
   * Returns a timer that runs by the simulated clock. It need not be shut down.
   *
   * @return a new timer for the app
   */
  public ScheduledExecutorService timer() {
    return new VirtualTimer(new Later(time.app()), time.timers(), time::nanos);
  }

  // ----------------------------------------------------------------------------------- the network

  /**
   * Returns the network that registries of this world have.
   *
   * @return the same one each time
   */
  public SimulatedNetwork network() {
    return network;
  }

  /**
   * Returns the machine at an address, which there is from now on. What it does to those who
   * connect, the test says: {@link Host#serve}.
   *
   * @param numbers the address, such as {@code 203.0.113.1}
   * @return the host, the same one for the same address
   */
  public Host host(String numbers) {
    return network.host(numbers);
  }

  /**
   * Returns the machine at an address that also has a name.
   *
   * @param numbers the address, such as {@code 203.0.113.1}
   * @param name what the name server tells this address for
   * @return the host, the same one for the same address
   */
  public Host host(String numbers, String name) {
    return network.host(numbers, name);
  }

  /**
   * Returns a client for {@code registry.http(…).client(…)} whose calls go over this world's
   * network and wait in its time: for its hosts ({@link HttpPeer}), its name server, and the
   * connection. It speaks HTTP/1.1, without TLS, and tries one address after the other.
   *
   * <p>Its timeouts, of connecting, reading, writing and a whole call, are kept in simulated time.
   * OkHttp itself keeps those that are set for one call, or by an interceptor, in real time; and
   * its pool keeps a socket that nobody uses until the connection suspends or the server closes it,
   * or there are more of them than {@link io.dormouse.http.HttpBuilder#connectionPool} says: when
   * it closes those is not decided by the seed.
   *
   * <p>The test's thread, callbacks and {@link #threads()} make calls, and those that queue run on
   * the latter. On the test's thread a call without a read timeout fails with an {@link
   * AssertionError} after an hour. Any thread may cancel a call.
   *
   * @param like whose timeouts, interceptors and other settings it has
   * @return a new client, for one registry
   */
  public OkHttpClient httpClient(OkHttpClient like) {
    Objects.requireNonNull(like, "like");
    CallTimeout callTimeout =
        new CallTimeout(like.callTimeoutMillis(), timer(), like.eventListenerFactory());
    Dispatcher dispatcher = new Dispatcher(new WorldThreads(threads()));
    dispatcher.setMaxRequests(like.dispatcher().getMaxRequests());
    dispatcher.setMaxRequestsPerHost(like.dispatcher().getMaxRequestsPerHost());
    OkHttpClient.Builder client =
        like.newBuilder()
            .socketFactory(
                new SimulatedSocket.Factory(
                    network, platform, like.readTimeoutMillis(), like.writeTimeoutMillis()))
            .readTimeout(Duration.ZERO) // or OkHttp would keep them in real time
            .writeTimeout(Duration.ZERO)
            .callTimeout(Duration.ZERO)
            .protocols(List.of(Protocol.HTTP_1_1))
            .fastFallback(false)
            .dispatcher(dispatcher)
            .eventListenerFactory(callTimeout);
    client.interceptors().add(0, callTimeout);
    client.networkInterceptors().add(new SocketUse());
    return client.build();
  }

  // --------------------------------------------------------------------------------------- time

  /**
   * Returns the seed.
   *
   * @return what it was created with
   */
  public long seed() {
    return seed;
  }

  /**
   * Returns how much time has passed in this world.
   *
   * @return zero or more
   */
  public Duration elapsed() {
    return Duration.ofNanos(time.nanos());
  }

  /**
   * Lets time pass, and runs everything when it is due; also what is due now.
   *
   * @param by zero or more
   * @throws AssertionError if a host, a plan of {@link #after} or work of {@link #threads()} threw
   */
  public void advance(Duration by) {
    time.advance(Check.notNegative("world", "the time", by).toNanos());
  }

  /**
   * Waits for simulated time to pass: on one of {@link #threads()} that one only; on the test's
   * thread as {@link #advance} does.
   *
   * @param by zero or more
   * @throws InterruptedException if one of {@link #threads()} is interrupted
   */
  public void sleep(Duration by) throws InterruptedException {
    if (network.blocking().isOnWorker()) {
      network.blocking().sleep(Check.notNegative("world", "the time", by));
    } else {
      advance(by);
    }
  }

  /**
   * Lets time pass until something is complete, an hour at most.
   *
   * @param <T> what it is completed with
   * @param stage what is waited for
   * @return what it is completed with
   * @throws CompletionException if it fails, as {@link CompletableFuture#join()} does
   * @throws AssertionError if it is not complete within that; the message has the {@link #report()}
   */
  public <T> T await(CompletionStage<T> stage) {
    return await(stage, LONGEST_WAIT);
  }

  /**
   * Lets time pass until something is complete.
   *
   * @param <T> what it is completed with
   * @param stage what is waited for
   * @param atMost how long to wait for it; positive
   * @return what it is completed with
   * @throws CompletionException if it fails, as {@link CompletableFuture#join()} does
   * @throws AssertionError if it is not complete within that; the message has the {@link #report()}
   */
  public <T> T await(CompletionStage<T> stage, Duration atMost) {
    CompletableFuture<T> future = Objects.requireNonNull(stage, "stage").toCompletableFuture();
    boolean complete;
    try {
      complete = platform.await(future, Check.positive("world", "the time", atMost));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
    if (!complete) {
      throw notWithin(atMost, "what is awaited is complete");
    }
    return future.join();
  }

  /**
   * Lets time pass until something is so. For the test's thread.
   *
   * @param what for the error's message, such as {@code "the chat is open"}
   * @param isSo is asked whenever everything has run that was due
   * @param atMost how long to wait for it; positive
   * @throws AssertionError if it is not so within that; the message has the {@link #report()}
   */
  public void awaitUntil(String what, BooleanSupplier isSo, Duration atMost) {
    Check.positive("world", "the time", atMost);
    if (!time.await(isSo, atMost.toNanos())) {
      throw notWithin(atMost, what);
    }
  }

  private AssertionError notWithin(Duration atMost, String what) {
    String hint =
        registries.hasHadAny()
            ? ""
            : "\nno registry belongs to this world: begin it by world.registry(), or by the app's own"
                + " code in world.within(...)";
    return new AssertionError(
        "not within " + atMost + " of simulated time: " + what + hint + "\n" + report());
  }

  /**
   * Plans something for later, such as {@code world.after(Duration.ofSeconds(3), () ->
   * server.link().down())}. It may let time pass itself. What it throws, an assertion for one, is
   * thrown at whoever lets time pass.
   *
   * @param delay from now on; zero or more
   * @param plan what is done then
   */
  public void after(Duration delay, Runnable plan) {
    Objects.requireNonNull(plan, "plan");
    long nanos = Check.notNegative("world", "the delay", delay).toNanos();
    network.after(nanos, () -> time.script().execute(plan));
  }

  // ------------------------------------------------------------------------- what the system does

  /**
   * The system freezes the app's process: so long nothing of it runs, while the network and its
   * hosts go on. Then it runs again, with all that has become due.
   *
   * @param duration positive
   */
  public void freeze(Duration duration) {
    Check.positive("world", "the time", duration);
    recorder.note("system", "freezes the process for " + duration);
    time.freeze(duration.toNanos());
  }

  /**
   * The system takes all sockets away, as Android does when its network changes; see {@link
   * SimulatedNetwork#killSockets}.
   */
  public void killSockets() {
    network.killSockets();
  }

  /**
   * The system takes all long-running tasks back: each is {@linkplain LongRunningTask#revoke
   * revoked}.
   */
  public void revokeTasks() {
    for (LongRunningTask task : registries.tasks()) {
      recorder.note("system", "revokes the task " + task.name());
      task.revoke();
    }
  }

  // ------------------------------------------------------------------------------ what is checked

  /**
   * Checks that no registry of this world holds a socket, except those that a live task covers, as
   * {@link ConnectionRegistry#assertQuiescent()} does for one.
   *
   * @throws AssertionError if one does; the message has their names, and the {@link #report()}
   */
  public void assertQuiescent() {
    List<String> offenders = new ArrayList<>();
    for (Engine engine : registries.live()) {
      offenders.addAll(await(engine.findOpenAndNotCovered()));
    }
    if (!offenders.isEmpty()) {
      throw new AssertionError("sockets are open: " + offenders + "\n" + report());
    }
  }

  /**
   * Checks that the test has left nothing behind: no connection is registered any more, and no
   * socket is open. What was closed just now has the time that closing takes.
   *
   * @throws AssertionError if something is left; the message says what, with the {@link #report()}
   */
  public void assertNothingLeaks() {
    boolean nothing = time.await(() -> left().isEmpty(), TO_CLOSE.toNanos());
    if (!nothing) {
      throw new AssertionError("the test leaks " + String.join(", ", left()) + "\n" + report());
    }
  }

  private List<String> left() {
    List<String> left = new ArrayList<>();
    for (Connection connection : registries.connections()) {
      left.add(connection.name() + " (" + connection.state() + ")");
    }
    for (LongRunningTask task : registries.tasks()) {
      left.add("the task " + task.name());
    }
    if (left.isEmpty() && network.openSockets() > 0) {
      left.add("open sockets: " + network.openSockets());
    }
    return left;
  }

  /**
   * Returns what has happened so far in all registries of this world: its latest 10,000 steps. What
   * the test, the system and the network did is {@linkplain Timeline#toText() noted} there.
   *
   * @return the same as a {@link TimelineRecorder} of an app has
   */
  public Timeline timeline() {
    return recorder.timeline();
  }

  /**
   * Returns for people how each registry is now, as a table, and the {@linkplain #timeline()
   * timeline} as text, of which the latest 60 lines: what the message of a failed check has.
   *
   * @return some lines; empty if there is no registry, and nothing has happened
   */
  public String report() {
    StringBuilder text = new StringBuilder();
    registries.live().forEach(engine -> text.append(engine.snapshot()).append('\n'));
    String[] lines = timeline().toText().split("\n", -1); // the last one is empty
    int earlier = Math.max(0, lines.length - 1 - MOST_LINES);
    if (earlier > 0) {
      text.append("(").append(earlier).append(" earlier lines: see timeline())\n");
    }
    return text.append(String.join("\n", Arrays.asList(lines).subList(earlier, lines.length)))
        .toString();
  }

  /**
   * Notes something of the test's own in the {@link #timeline()}.
   *
   * @param what what the line says
   */
  public void note(String what) {
    recorder.note("test", Objects.requireNonNull(what, "what"));
  }

  /** Ends the threads of this world. Nothing of it is to be used then. */
  @Override
  public void close() {
    network.close();
  }

  // ---------------------------------------------------------------------------------- what it
  // hears

  private final class Hooks implements LifecycleListener {
    @Override
    public void onForeground() {
      recorder.note("lifecycle", "onForeground");
    }

    @Override
    public void onSettling() {
      recorder.note("lifecycle", "onSettling");
    }

    @Override
    public void onBackground() {
      recorder.note("lifecycle", "onBackground");
    }

    @Override
    public void onTerminate() {
      recorder.note("lifecycle", "onTerminate");
    }
  }
}

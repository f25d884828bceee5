package io.dormouse;

import io.dormouse.check.Check;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionBuilder;
import io.dormouse.connection.ConnectionListener;
import io.dormouse.connection.ProxyAuthenticator;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.engine.Engine;
import io.dormouse.engine.EngineSettings;
import io.dormouse.engine.Platform;
import io.dormouse.http.HttpBuilder;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.LifecycleFollower;
import io.dormouse.log.LogLine;
import io.dormouse.loop.Durations;
import io.dormouse.network.Reach;
import io.dormouse.observe.ObservedRegistry;
import io.dormouse.observe.RegistryObserver;
import io.dormouse.observe.RegistrySnapshot;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.TaskOptions;
import io.dormouse.tcp.TcpBuilder;
import io.dormouse.udp.UdpBuilder;
import io.dormouse.websocket.WebSocketBuilder;
import java.net.ProxySelector;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import okhttp3.Dns;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds every network connection of the app. When the app goes to the background the registry
 * closes them all, except those that a {@linkplain #startTask long-running task} covers; when the
 * app returns it brings them back.
 *
 * <p>A registry has one I/O thread for all its TCP, UDP and WebSocket connections, all timers and
 * all state changes, a few threads for callbacks, which may also write what their callbacks send,
 * and others for name look-ups and suppliers. While callbacks come often, those that have been
 * quick run on the I/O thread, between two iterations of its loop, and a second thread stands by: a
 * callback that blocks after all keeps its thread, and the other has the I/O within some 10 ms. All
 * are daemons and are gone after {@link #close()}.
 *
 * <p>All methods are safe from any thread, callbacks included. Those that wait say so.
 */
public final class ConnectionRegistry implements LifecycleFollower, ObservedRegistry {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.registry");
  private static final LogLine NOT_SETTLED = LogLine.warn(log, "not settled within {}: {}");

  /**
   * How long before its end {@link #awaitSettled} asks what it waits for. That takes little, but
   * the I/O thread of a loaded machine may be late.
   */
  private static final Duration TO_ANSWER = Duration.ofMillis(100);

  private final Duration suspendBudget;
  private final Platform.Run run;
  private final Engine engine;

  private ConnectionRegistry(Builder builder) {
    suspendBudget = builder.suspendBudget;
    run = builder.platform.start(builder.sleepAwareClock, builder.callbackExecutor, this::ended);
    engine = new Engine(run.environment(builder.settings()), builder.lifecycle, run::stop);
    run.runs(engine);
    try {
      engine.start();
    } catch (Throwable e) { // the app's lifecycle can't be followed
      run.stop();
      throw e;
    }
  }

  private void ended() {
    engine.loopEnded(null);
  }

  /**
   * Begins a registry that follows this lifecycle.
   *
   * @param lifecycle is read when the registry is built, and listened to until it is closed
   * @return this builder
   */
  public static Builder builder(AppLifecycle lifecycle) {
    return new Builder(Check.given("registry", "lifecycle", lifecycle));
  }

  // ------------------------------------------------------------------------------------- the kinds

  /**
   * Begins an HTTP connection: an {@code OkHttpClient} whose sockets follow the lifecycle.
   *
   * @param name unique in the registry; not blank, no line break
   * @return this builder
   * @throws IllegalArgumentException if the name is blank or has a line break
   * @throws IllegalStateException if the registry is closed
   */
  public HttpBuilder http(String name) {
    return new HttpBuilder(engine, name);
  }

  /**
   * Begins a TCP connection.
   *
   * @param name unique in the registry; not blank
   * @return this builder
   * @throws IllegalArgumentException if the name is blank
   * @throws IllegalStateException if the registry is closed
   */
  public TcpBuilder tcp(String name) {
    return new TcpBuilder(engine, name);
  }

  /**
   * Begins a UDP connection.
   *
   * @param name unique in the registry; not blank
   * @return this builder
   * @throws IllegalArgumentException if the name is blank
   * @throws IllegalStateException if the registry is closed
   */
  public UdpBuilder udp(String name) {
    return new UdpBuilder(engine, name);
  }

  /**
   * Begins a WebSocket.
   *
   * @param name unique in the registry; not blank
   * @return this builder
   * @throws IllegalArgumentException if the name is blank
   * @throws IllegalStateException if the registry is closed
   */
  public WebSocketBuilder webSocket(String name) {
    return new WebSocketBuilder(engine, name);
  }

  // ---------------------------------------------------------------------------- long-running tasks

  /**
   * Starts a long-running task that covers all connections, without a deadline.
   *
   * @param name for reports and logs; not blank
   * @return the task, to be closed when its work is done
   * @throws IllegalArgumentException if the name is blank
   * @throws IllegalStateException if the registry is closed
   */
  public LongRunningTask startTask(String name) {
    return startTask(name, options -> {});
  }

  /**
   * Starts a long-running task. In the background this wakes the connections it covers.
   *
   * @param name for reports and logs; not blank
   * @param options says what it covers and how long it may last
   * @throws IllegalArgumentException if the name is blank or a covered connection is not registered
   * @throws IllegalStateException if the registry is closed
   */
  @Override
  public LongRunningTask startTask(String name, Consumer<? super TaskOptions> options) {
    Check.name("the name of a task", name);
    Check.given(name, "options", options);
    return engine.startTask(name, options);
  }

  /** Returns the live long-running tasks, in order of their start. */
  @Override
  public List<LongRunningTask> tasks() {
    return engine.tasks();
  }

  // -------------------------------------------------------------------------------- what is there

  /** Returns the registered connections, in order of registration. */
  @Override
  public List<Connection> connections() {
    return engine.connections();
  }

  /**
   * {@return the connection of this name, if there is one}
   *
   * @param name as it was registered
   */
  public Optional<Connection> find(String name) {
    return engine.find(name);
  }

  /**
   * Adds a listener that hears of every step of every connection from now on, as if it had been
   * added to each of them: also of those that are registered later. The calls for one connection
   * are in order and never overlap; those for different ones may. Adding it twice is the same as
   * once.
   *
   * @param listener called on the callback executor; is held until it is removed
   */
  public void addListener(ConnectionListener listener) {
    engine.addListener(listener);
  }

  /**
   * Removes a listener of all connections. A step on its way to it may still arrive.
   *
   * @param listener the same object as was added; another does nothing
   */
  public void removeListener(ConnectionListener listener) {
    engine.removeListener(listener);
  }

  /**
   * Adds an observer, which hears of every step, suspend, resume and task from now on: for
   * measuring and recording, see {@code io.dormouse.observe.jfr}, {@code
   * io.dormouse.observe.micrometer} and {@code io.dormouse.observe.timeline}. Adding it twice is
   * the same as once.
   */
  @Override
  public void addObserver(RegistryObserver observer) {
    engine.addObserver(observer);
  }

  @Override
  public long nanoTime() {
    return engine.environment().loop().nanoTime();
  }

  /** Removes an observer. A call that has begun goes on; what waits for it is not told any more. */
  @Override
  public void removeObserver(RegistryObserver observer) {
    engine.removeObserver(observer);
  }

  /**
   * {@return the registry and its connections at this moment} Its text is a table with a line for
   * each.
   */
  public RegistrySnapshot snapshot() {
    return engine.snapshot();
  }

  // --------------------------------------------------------------------------- suspend and resume

  /**
   * Returns a future that completes as soon as nothing is being closed any more, with the report of
   * the latest suspend. In the foreground, and after a suspend has settled, that is at once.
   *
   * <p>It completes on a thread of the library, never on the I/O thread nor on the callback
   * executor, and waits for no callback, supplier, look-up or peer. What is left is cut off when
   * nine tenths of the suspend budget are over, so that there is time to tell.
   *
   * <p>Then the process holds no socket of this registry, with one exception: the JDK looks names
   * up with UDP sockets of its own, and a look-up that was given up may keep its socket until the
   * name server has answered or the system's resolver gives up too, which takes seconds. The JDK
   * has no way to close them.
   */
  @Override
  public CompletableFuture<SuspendReport> settled() {
    return engine.settled();
  }

  /**
   * Waits until nothing is being closed any more, as {@link #settled()} does. Meant for the app's
   * background hook, so that the system does not freeze the process with sockets half closed; the
   * work itself is done on other threads. As long as the suspend budget is long enough, whatever
   * hangs: this waits for no code of the app's, and may be called with locks held.
   *
   * <p>If it has not settled in time, a warning in the log ({@code io.dormouse.registry}) says
   * which connections are still open, and what each waits for.
   *
   * @param timeout how long to wait at most; positive, at most 365 days
   * @return whether it has settled; false also if the thread was interrupted, whose flag is then
   *     set
   * @throws IllegalArgumentException if it is not positive, or above 365 days
   */
  @Override
  public boolean awaitSettled(Duration timeout) {
    Check.positive("awaitSettled", "timeout", timeout);
    try {
      // Not settled(), on which others may hang what takes long.
      return awaitSettled(engine.settledOnLoop(), timeout);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Waits; if that has no result, what is open is asked for early enough to answer in time. */
  private boolean awaitSettled(CompletableFuture<?> settled, Duration timeout)
      throws InterruptedException {
    Duration quarter = timeout.dividedBy(4);
    Duration toAnswer = quarter.compareTo(TO_ANSWER) < 0 ? quarter : TO_ANSWER;
    if (isDoneWithin(timeout.minus(toAnswer), settled)) {
      return true;
    }
    CompletableFuture<List<String>> unsettled = engine.findUnsettled();
    if (isDoneWithin(toAnswer, settled)) {
      return true;
    }
    List<String> open = unsettled.getNow(List.of("the I/O thread does not answer"));
    NOT_SETTLED.write(Durations.text(timeout), String.join("; ", open), null);
    return false;
  }

  private boolean isDoneWithin(Duration timeout, CompletableFuture<?> future)
      throws InterruptedException {
    try {
      Object unused = run.await(future, timeout);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  /**
   * {@return a future that completes when the first attempt of each connection since the latest
   * foreground is over, with its report; at once, if no resume is under way}
   */
  public CompletableFuture<ResumeReport> resumed() {
    return engine.resumed();
  }

  /**
   * Checks that no connection holds a socket, except those that a live task covers. For the moments
   * at which that must be so, such as before a checkpoint of the JVM. Waits for the I/O thread,
   * which never takes long. A connection that was closed for good counts too, until its socket is
   * gone. Sockets with which the JDK looks names up can't be seen here; see {@link #settled()}.
   *
   * @throws IllegalStateException if one does, with the names of all that do
   */
  public void assertQuiescent() {
    List<String> offenders = run.await(engine.findOpenAndNotCovered());
    if (!offenders.isEmpty()) {
      throw new IllegalStateException("sockets are open: " + String.join(", ", offenders));
    }
  }

  /**
   * Returns who holds a socket now, those included that a live task covers: each as "name (STATE)",
   * with the task that keeps it open. Empty if nobody does. Waits for the I/O thread, which never
   * takes long. What {@link #assertQuiescent()} says of closed connections and look-ups holds here
   * too.
   */
  @Override
  public List<String> stillOpen() {
    return run.await(engine.findOpen());
  }

  // --------------------------------------------------------------------------------------- the end

  /**
   * Closes every connection for good, as on a suspend and within its budget, ends every task, and
   * ends the threads. Waits for that, unless it is called from a callback: then it returns at once
   * and the rest follows. Does nothing the second time.
   */
  @Override
  public void close() {
    engine.close();
    if (run.isOnOneOfItsThreads()) {
      return;
    }
    try {
      // The budget bounds the wait; the rest is for a machine that is very busy.
      if (!run.awaitEnd(suspendBudget.plusSeconds(5))) {
        log.warn("the registry is closed, but a callback still runs");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * What holds for all connections of a registry. A builder is used by one thread. Each default is
   * given at its method.
   */
  public static final class Builder {
    private final AppLifecycle lifecycle;
    private final Platform platform = Platform.current();
    private Duration suspendBudget = Duration.ofSeconds(4);
    private Duration closeTimeout = Duration.ofSeconds(1);
    private int maxConcurrentConnects = 64;
    private Duration minUptime = Duration.ofSeconds(5);
    private long sendQueueBytes = 8L << 20;
    private long receiveBufferBytes = 1L << 20;
    private RetryPolicy retryPolicy = RetryPolicy.standard();
    private Optional<Executor> callbackExecutor = Optional.empty();
    private Optional<Dns> dns = Optional.empty();
    private Optional<ProxySelector> proxySelector = Optional.empty();
    private Optional<ProxyAuthenticator> proxyAuthenticator = Optional.empty();
    private Duration connectionAttemptDelay = Reach.ATTEMPT_DELAY;
    private Optional<LongSupplier> sleepAwareClock = Optional.empty();

    private Builder(AppLifecycle lifecycle) {
      this.lifecycle = lifecycle;
    }

    /**
     * Within which a suspend settles, over all connections together and whatever their peers do. If
     * this method is not invoked, 4 s: under the some 5 s that iOS gives, the 6 s of HarmonyOS and
     * the 10 s of Android.
     *
     * @param budget positive, at most 365 days
     * @return this builder
     * @throws IllegalArgumentException if it is not positive, or above 365 days
     */
    public Builder suspendBudget(Duration budget) {
      suspendBudget = Check.positive("registry", "the suspend budget", budget);
      return this;
    }

    /**
     * How long a peer has to answer when we close a connection in good order: to send its own close
     * frame or FIN. What has not answered by then is reset. What was accepted for sending is
     * written before that, and may use the whole suspend budget, which bounds this too. If this
     * method is not invoked, 1 s.
     *
     * @param timeout positive, at most 365 days
     * @return this builder
     * @throws IllegalArgumentException if it is not positive, or above 365 days
     */
    public Builder closeTimeout(Duration timeout) {
      closeTimeout = Check.positive("registry", "the close timeout", timeout);
      return this;
    }

    /**
     * How many connections begin to connect at the same time; one that has not succeeded within a
     * second lets the next begin. If this method is not invoked, 64.
     *
     * @param connections at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder maxConcurrentConnects(int connections) {
      maxConcurrentConnects =
          Check.within("registry", "maxConcurrentConnects", 1, Integer.MAX_VALUE, connections);
      return this;
    }

    /**
     * How long a connection must have been open for its count of failures to be cleared. If this
     * method is not invoked, 5 s.
     *
     * @param uptime from zero to 365 days
     * @return this builder
     * @throws IllegalArgumentException if it is out of that range
     */
    public Builder minUptime(Duration uptime) {
      minUptime = Check.notNegative("registry", "the minimum uptime", uptime);
      return this;
    }

    /**
     * How many bytes of one connection's sends may wait for a slow peer; further sends are refused.
     * A message larger than this is accepted while nothing else waits. If this method is not
     * invoked, 8 MiB.
     *
     * @param bytes at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder sendQueueLimit(int bytes) {
      sendQueueBytes = Check.within("registry", "sendQueueLimit", 1, Integer.MAX_VALUE, bytes);
      return this;
    }

    /**
     * How many received bytes of one connection may wait for a slow callback; then reading stops,
     * and TCP slows the peer down. If this method is not invoked, 1 MiB.
     *
     * @param bytes at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder receiveBufferLimit(int bytes) {
      receiveBufferBytes =
          Check.within("registry", "receiveBufferLimit", 1, Integer.MAX_VALUE, bytes);
      return this;
    }

    /**
     * Decides for all connections that have no policy of their own. If this method is not invoked,
     * {@link RetryPolicy#standard()}.
     *
     * @param policy called on the I/O thread; must not block
     * @return this builder
     */
    public Builder retryPolicy(RetryPolicy policy) {
      retryPolicy = Check.given("registry", "policy", policy);
      return this;
    }

    /**
     * Looks up the host names of all connections that don't bring a {@linkplain
     * ConnectionBuilder#dns resolver of their own}. An {@code OkHttpClient} that has one keeps it.
     * If this method is not invoked, the system's resolver.
     *
     * @param dns may block; {@code UnknownHostException}, or whatever else it throws, fails the
     *     attempt
     * @return this builder
     */
    public Builder dns(Dns dns) {
      this.dns = Optional.of(Check.given("registry", "dns", dns));
      return this;
    }

    /**
     * A host often has several addresses, of IPv4 and IPv6. TCP and WebSocket connections try them
     * in turn, each one beside those before: so long after the one before has begun, or at once
     * when it has failed (RFC 8305). The first to answer stays. If this method is not invoked, 250
     * ms, as RFC 8305, section 5, recommends.
     *
     * @param delay from 10 ms to 2 s
     * @return this builder
     * @throws IllegalArgumentException if it is out of that range
     */
    public Builder connectionAttemptDelay(Duration delay) {
      connectionAttemptDelay =
          Check.between(
              "registry",
              "the connection attempt delay",
              Reach.SHORTEST_ATTEMPT_DELAY,
              Reach.LONGEST_ATTEMPT_DELAY,
              delay);
      return this;
    }

    /**
     * Says through which proxies TCP and WebSocket connections connect that don't say so
     * themselves. TCP asks of {@code socket://host:port}, for which the JDK's own selectors have no
     * HTTP proxy: {@link TcpBuilder#proxySelector} says more. {@link ProxySelector#getDefault()} is
     * the system's choice. HTTP connections use what their {@code OkHttpClient} says, which is the
     * system's choice as a rule; UDP uses no proxies. If this method is not invoked, none.
     *
     * @param selector may block, up to the connect timeout; what it throws fails the attempt
     * @return this builder
     */
    public Builder proxySelector(ProxySelector selector) {
      proxySelector = Optional.of(Check.given("registry", "selector", selector));
      return this;
    }

    /**
     * Tells the proxies of TCP and WebSocket connections who the app is. If this method is not
     * invoked, nobody does.
     *
     * @param authenticator may block, up to the connect timeout; what it throws fails the attempt
     * @return this builder
     */
    public Builder proxyAuthenticator(ProxyAuthenticator authenticator) {
      proxyAuthenticator = Optional.of(Check.given("registry", "authenticator", authenticator));
      return this;
    }

    /**
     * Where callbacks run: in order for each connection, whatever the executor. It is not shut down
     * by the registry. If this method is not invoked, threads of the registry, where they may
     * block, as the class says.
     *
     * <p>The I/O thread hands callbacks over, so {@code execute} must not block. An executor that
     * runs a task on its caller's thread, always or when it is full, or that refuses it, gets none
     * to run: threads of the registry run them then, in order as well. Futures complete on threads
     * of the registry whatever the executor, as {@link Connection#whenOpen()} says.
     *
     * @param executor may run tasks on any of its threads, one of a connection at a time
     * @return this builder
     */
    public Builder callbackExecutor(Executor executor) {
      callbackExecutor = Optional.of(Check.given("registry", "executor", executor));
      return this;
    }

    /**
     * A clock that goes on while the device sleeps, for all delays and deadlines: those of tasks,
     * pings, idle timeouts and pauses before the next attempt. What came due in the sleep is done
     * when the device wakes the process; nothing wakes the device. Any thread asks the clock,
     * often. If this method is not invoked, time of sleep does not count: {@link System#nanoTime()}
     * stands still then on Android and Linux.
     *
     * @param nanos returns nanoseconds since any moment; on Android see {@code
     *     io.dormouse.lifecycle.android.AndroidPlatform}
     * @return this builder
     */
    public Builder sleepAwareClock(LongSupplier nanos) {
      sleepAwareClock = Optional.of(Check.given("registry", "nanos", nanos));
      return this;
    }

    private EngineSettings settings() {
      return new EngineSettings(
          suspendBudget,
          closeTimeout,
          maxConcurrentConnects,
          minUptime,
          sendQueueBytes,
          receiveBufferBytes,
          retryPolicy,
          new Reach(dns, connectionAttemptDelay, proxySelector, proxyAuthenticator));
    }

    /**
     * Builds the registry, which begins to follow the lifecycle at once.
     *
     * @return the registry, to be {@linkplain #close() closed} with the app
     */
    public ConnectionRegistry build() {
      return new ConnectionRegistry(this);
    }
  }
}

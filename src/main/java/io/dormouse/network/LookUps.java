package io.dormouse.network;

import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import okhttp3.Dns;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The look-ups of names that are in flight. Who wants the same name of the same resolver while it
 * is looked up shares that look-up. Loop only; the resolvers run elsewhere.
 *
 * <p>A look-up that nobody waits for any more is cancelled: an asynchronous one by its own method,
 * one that blocks in a {@link Dns} of the app by an interrupt. The system's resolver heeds neither,
 * so such a look-up goes on, and whoever wants the name next joins it.
 */
public final class LookUps {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  private final Loop loop;
  private final Network network;
  private final Executor threads;
  private final Map<Question, LookUp> inFlight = new HashMap<>();

  /**
   * Creates one that does nothing yet.
   *
   * @param network has the system's resolver
   * @param threads runs what blocks
   */
  public LookUps(Loop loop, Network network, Executor threads) {
    this.loop = loop;
    this.network = network;
    this.threads = threads;
  }

  /** Hears what was found. On the loop, never within {@link LookUps#join}. */
  public interface Listener {
    /**
     * These are all the records of a resolver that gives more than addresses; told before the last
     * of those is {@linkplain #found found}.
     */
    default void records(List<Dns.Record> all) {}

    /**
     * These are addresses of the host, in order of preference.
     *
     * @param addresses what was not told before
     * @param last whether these are all; then there was one at least
     */
    void found(List<InetAddress> addresses, boolean last);

    /**
     * There are none, or they can't be told.
     *
     * @param why an {@link UnknownHostException} if the resolver says so
     */
    void failed(Exception why);
  }

  /** Stands for one who waits. Loop only. */
  public interface Ticket {
    /** Waits no more: from now on nothing is told. */
    void leave();
  }

  /** What is asked of whom. A resolver is the same only if it is the same object. */
  private record Question(@Nullable Dns dns, String host) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Question question
          && question.dns == dns
          && question.host.equals(host);
    }

    @Override
    public int hashCode() {
      return 31 * System.identityHashCode(dns) + host.hashCode();
    }
  }

  /**
   * Looks a host up, or joins who does.
   *
   * @param dns null for the system's resolver
   * @param before what the same connection asked for last; if that was given up and still blocks a
   *     thread, this begins after it, so that no connection blocks more than one; null for nothing
   */
  public Ticket join(@Nullable Dns dns, String host, Listener listener, @Nullable Ticket before) {
    // A resolver of the app's knows names; what is an address is for the platform's parser.
    boolean isAddress = host.indexOf(':') >= 0;
    String name = isAddress ? host : AsciiNames.of(host).orElse(host);
    Question question = new Question(isAddress ? null : dns, name);
    Waiter waiter = new Waiter(question, listener);
    LookUp same = inFlight.get(question);
    LookUp old = before instanceof Waiter latest ? latest.lookUp : null;
    if (same != null) {
      same.add(waiter);
    } else if (old != null && old.isAbandoned()) {
      waiter.lookUp = old;
      old.followers.add(waiter);
    } else {
      begin(waiter);
    }
    return waiter;
  }

  private void begin(Waiter waiter) {
    LookUp same = inFlight.get(waiter.question);
    if (same != null) {
      same.add(waiter);
      return;
    }
    LookUp made = new LookUp(waiter.question);
    inFlight.put(waiter.question, made);
    made.add(waiter);
    made.askForThread();
  }

  /** One who waits. */
  private static final class Waiter implements Ticket {
    final Question question;
    final Listener listener;
    @Nullable LookUp lookUp; // what it waits for, or waits for the end of
    int told; // how many addresses
    boolean left;

    Waiter(Question question, Listener listener) {
      this.question = question;
      this.listener = listener;
    }

    @Override
    public void leave() {
      left = true;
      if (lookUp != null) {
        lookUp.remove(this);
      }
    }

    void fail(Exception why) {
      if (!left) {
        left = true;
        listener.failed(why);
      }
    }

    void tell(List<InetAddress> all, List<Dns.Record> records, boolean last) {
      if (left) {
        return;
      }
      left = last;
      if (last && !records.isEmpty()) {
        listener.records(records);
      }
      if (last || all.size() > told) {
        List<InetAddress> fresh = List.copyOf(all.subList(told, all.size()));
        told = all.size();
        listener.found(fresh, last);
      }
    }
  }

  /** How far a look-up has come, as its threads see it. */
  private enum Stage {
    /** A thread has been asked for. */
    WAITING,
    /** A thread blocks in it. */
    BLOCKING,
    /** The resolver will call back. */
    CALLED,
    /** All that it will say is there. */
    ENDED
  }

  /** A look-up, from its first waiter until no thread and no resolver is at it any more. */
  private final class LookUp implements Dns.Callback {
    private final Question question;
    private final Loop.Signal news = loop.signal(this::tellNews);

    // Loop only.
    private final List<Waiter> waiters = new ArrayList<>();
    private final List<Waiter> followers = new ArrayList<>(); // begin when this is over
    private final List<InetAddress> told = new ArrayList<>();

    private final Object lock = new Object();
    // All guarded by lock.
    private Stage stage = Stage.WAITING;
    private boolean wanted = true;
    private boolean interrupted;
    private @Nullable Thread thread;
    private Dns.@Nullable Call call;
    private final List<InetAddress> found = new ArrayList<>();
    private final List<Dns.Record> records = new ArrayList<>();
    private @Nullable Exception failure;

    LookUp(Question question) {
      this.question = question;
    }

    // ----------------------------------------------------------------------------- on the loop

    void add(Waiter waiter) {
      waiter.lookUp = this;
      waiters.add(waiter);
      boolean more;
      synchronized (lock) {
        wanted = true;
        more = !found.isEmpty();
      }
      if (more) {
        news.raise();
      }
    }

    void remove(Waiter waiter) {
      boolean unused = followers.remove(waiter);
      if (waiters.remove(waiter) && waiters.isEmpty()) {
        abandon();
      }
    }

    boolean isAbandoned() {
      return waiters.isEmpty() && inFlight.get(question) == this;
    }

    /** Nobody waits any more. */
    private void abandon() {
      Dns.Call asked;
      synchronized (lock) {
        wanted = false;
        asked = stage == Stage.CALLED ? call : null;
        if (stage == Stage.BLOCKING && thread != null && question.dns != null) {
          interrupted = true;
          thread.interrupt();
        }
      }
      if (asked != null) {
        over();
        offLoop(asked::cancel); // the app's own code
      }
    }

    private void over() {
      boolean unused = inFlight.remove(question, this);
      List<Waiter> next = List.copyOf(followers);
      followers.clear();
      for (Waiter follower : next) {
        if (!follower.left) {
          begin(follower);
        }
      }
    }

    private void askForThread() {
      try {
        threads.execute(this::work);
      } catch (RejectedExecutionException e) {
        log.debug("the registry has ended, nobody waits for the result", e);
      } catch (Error e) { // the system gives no thread
        boolean unused = inFlight.remove(question, this);
        throw e;
      }
    }

    private void offLoop(Runnable work) {
      try {
        threads.execute(work);
      } catch (RejectedExecutionException e) {
        log.debug("the registry has ended", e);
      }
    }

    private void tellNews() {
      boolean ended;
      boolean again;
      Exception why;
      List<Dns.Record> all;
      synchronized (lock) {
        told.addAll(found.subList(told.size(), found.size()));
        ended = stage == Stage.ENDED;
        why = failure;
        all = ended ? List.copyOf(records) : List.of();
        // It was dropped or interrupted, and then somebody came who wants to know after all.
        again = ended && told.isEmpty() && wanted && (why == null || interrupted);
        if (again) {
          stage = Stage.WAITING;
          interrupted = false;
          failure = null;
        }
      }
      if (again) {
        askForThread();
        return;
      } else if (ended) {
        over();
      }
      for (Waiter waiter : List.copyOf(waiters)) {
        if (ended && told.isEmpty() && why != null) {
          waiter.fail(why);
        } else {
          waiter.tell(told, all, ended);
        }
      }
    }

    // ------------------------------------------------------------------- where the resolver runs

    private void work() {
      synchronized (lock) {
        if (!wanted) {
          stage = Stage.ENDED;
        } else {
          stage = Stage.BLOCKING;
          thread = Thread.currentThread();
        }
      }
      if (isAt(Stage.BLOCKING)) {
        ask();
      }
      news.raise();
    }

    private boolean isAt(Stage asked) {
      synchronized (lock) {
        return stage == asked;
      }
    }

    private void ask() {
      try {
        if (question.dns == null) {
          end(network.resolve(question.host), null);
        } else {
          ask(question.dns);
        }
      } catch (Exception e) {
        end(List.of(), e);
      } catch (Error e) { // a class of the app's that is missing, for one
        end(List.of(), new ExecutionException(e));
      } finally {
        synchronized (lock) {
          thread = null;
          boolean unused = Thread.interrupted(); // if it came too late, it is not the next one's
        }
      }
    }

    private void ask(Dns dns) throws UnknownHostException {
      Dns.Call made = dns.newCall(request());
      if (made.getClass() == CallOfBlocking.TYPE) {
        end(checked(dns.lookup(question.host)), null);
        return;
      }
      synchronized (lock) {
        if (!wanted) {
          stage = Stage.ENDED;
          return;
        }
        call = made;
        stage = Stage.CALLED;
      }
      made.enqueue(this);
    }

    /** Refuses what an app's resolver must not give, such as a fake that nobody has taught. */
    private <T> List<T> checked(@Nullable List<? extends T> given) {
      if (given == null || given.stream().anyMatch(Objects::isNull)) {
        throw new NullPointerException("the app's Dns gave null for " + question.host);
      }
      return List.copyOf(given);
    }

    private Dns.Request request() throws UnknownHostException {
      try {
        return new Dns.Request(question.host);
      } catch (IllegalArgumentException e) { // OkHttp is stricter than we are
        throw new UnknownHostException(question.host);
      }
    }

    private void end(List<InetAddress> addresses, @Nullable Exception e) {
      synchronized (lock) {
        if (stage == Stage.ENDED) {
          return; // whatever it says after the end
        }
        stage = Stage.ENDED;
        found.addAll(addresses);
        failure = e == null ? new UnknownHostException(question.host) : e;
      }
    }

    @Override
    public void onRecords(Dns.Call of, boolean last, List<? extends Dns.Record> fresh) {
      List<InetAddress> addresses = new ArrayList<>();
      List<Dns.Record> all;
      try {
        all = checked(fresh);
      } catch (NullPointerException e) {
        end(List.of(), e);
        news.raise();
        return;
      }
      for (Dns.Record record : all) {
        if (record instanceof Dns.Record.IpAddress ip) {
          addresses.add(ip.address());
        }
      }
      synchronized (lock) {
        records.addAll(all);
        if (last) {
          end(addresses, null);
        } else {
          found.addAll(addresses);
        }
      }
      news.raise();
    }

    @Override
    public void onFailure(Dns.Call of, IOException e) {
      end(List.of(), Objects.requireNonNull(e, "exception"));
      news.raise();
    }
  }

  /**
   * What {@link Dns#newCall} makes for a resolver that has only {@link Dns#lookup}: a call that
   * blocks a thread of OkHttp's. We block one of ours instead. Initialized when an app brings its
   * own resolver.
   */
  private static final class CallOfBlocking {
    static final Class<?> TYPE = ((Dns) host -> List.of()).newCall(new Dns.Request("a")).getClass();
  }
}

package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.engine.LinkState.Closed;
import io.dormouse.engine.LinkState.Closing;
import io.dormouse.engine.LinkState.Connecting;
import io.dormouse.engine.LinkState.Failed;
import io.dormouse.engine.LinkState.Flushing;
import io.dormouse.engine.LinkState.Open;
import io.dormouse.engine.LinkState.Preparing;
import io.dormouse.engine.LinkState.Queued;
import io.dormouse.engine.LinkState.Suspended;
import io.dormouse.engine.LinkState.Target;
import io.dormouse.engine.LinkState.Waiting;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The state table, literally: every state, every event. */
class MachineTest {
  private static final long MIN_UPTIME = Duration.ofSeconds(5).toNanos();
  private static final long NOW = Long.sum(Long.MAX_VALUE, -3); // deadlines wrap around
  private static final long DEADLINE = NOW + 1_000;
  private static final long CLOSE_TIMEOUT = 2_000;
  private static final CloseReason RESET = CloseReason.of(Kind.PEER_RESET);
  private static final CloseReason SUSPENDED = CloseReason.of(Kind.SUSPENDED);
  private static final CloseReason CLOSED_BY_APP = CloseReason.of(Kind.CLOSED_BY_APP);
  private static final FailureHistory THREE = new FailureHistory(3, 1_000);
  private static final Open YOUNG = new Open(THREE, NOW - MIN_UPTIME + 1);

  /** Every variant of every state; a number is a count of failures. */
  private static final Map<String, LinkState> STATES = new LinkedHashMap<>();

  static {
    STATES.put("Suspended", Machine.initial());
    STATES.put("Queued 0", new Queued(FailureHistory.NONE));
    STATES.put("Queued 3", new Queued(THREE));
    STATES.put("Waiting 3", new Waiting(THREE, 77, RESET));
    STATES.put("Connecting 0", new Connecting(FailureHistory.NONE));
    STATES.put("Connecting 3", new Connecting(THREE));
    STATES.put("Preparing 0", new Preparing(FailureHistory.NONE));
    STATES.put("Preparing 3", new Preparing(THREE));
    STATES.put("Open 3", YOUNG);
    STATES.put("Open 3, old", new Open(THREE, NOW - MIN_UPTIME));
    STATES.put("Flushing SUSPENDED", new Flushing(Target.SUSPENDED, SUSPENDED, DEADLINE, YOUNG));
    STATES.put("Flushing CLOSED", new Flushing(Target.CLOSED, SUSPENDED, DEADLINE, YOUNG));
    STATES.put("Closing SUSPENDED", new Closing(Target.SUSPENDED, SUSPENDED, DEADLINE));
    STATES.put("Closing OPEN", new Closing(Target.OPEN, SUSPENDED, DEADLINE));
    STATES.put("Closing CLOSED", new Closing(Target.CLOSED, SUSPENDED, DEADLINE));
    STATES.put("Failed", new Failed(THREE.plus(Decision.giveUp()), RESET));
    STATES.put("Closed", new Closed());
  }

  private static final Map<String, Event> EVENTS = new LinkedHashMap<>();

  static {
    EVENTS.put("Wake", Event.WAKE);
    EVENTS.put("Sleep", new Event.Sleep(SUSPENDED, DEADLINE));
    EVENTS.put("Close", new Event.Close(CLOSED_BY_APP, DEADLINE));
    EVENTS.put("RetryNow", Event.RETRY_NOW);
    EVENTS.put("Permit", Event.PERMIT);
    EVENTS.put("LimitReached", Event.LIMIT_REACHED);
    EVENTS.put("Connected", Event.CONNECTED);
    EVENTS.put("Prepared", Event.PREPARED);
    EVENTS.put("Flushed", Event.FLUSHED);
    EVENTS.put("Ended", new Event.Ended(RESET, false));
  }

  /** What is wanted. "-" is the same object again. */
  private static final String DESIRED =
      """
                      | Wake          | Sleep           | Close         | RetryNow
      Suspended       | Queued 0      | -               | Closed        | -
      Queued 0        | -             | Suspended       | Closed        | -
      Queued 3        | Queued 0      | Suspended       | Closed        | -
      Waiting 3       | Queued 0      | Suspended       | Closed        | Queued 0
      Connecting 0    | -             | Suspended       | Closed        | -
      Connecting 3    | Connecting 0  | Suspended       | Closed        | -
      Preparing 0     | -             | Suspended       | Closed        | -
      Preparing 3     | Preparing 0   | Suspended       | Closed        | -
      Open 3          | -             | Flushing SUSPENDED | Flushing CLOSED | -
      Open 3, old     | -             | Flushing SUSPENDED | Flushing CLOSED | -
      Flushing SUSPENDED | Open 3        | -               | Flushing CLOSED | -
      Flushing CLOSED   | -             | -               | -             | -
      Closing SUSPENDED  | Closing OPEN | -               | Closing CLOSED  | -
      Closing OPEN   | -             | Closing SUSPENDED  | Closing CLOSED  | -
      Closing CLOSED    | -             | -               | -             | -
      Failed          | Queued 0      | Suspended       | Closed        | Queued 0
      Closed          | -             | -               | -             | -
      """;

  /** What happens, with a policy that always tries again. */
  private static final String HAPPENED =
      """
                      | Permit       | LimitReached | Connected   | Prepared | Flushed        | Ended
      Suspended       | -            | -            | -           | -        | -              | -
      Queued 0        | Connecting 0 | -            | -           | -        | -              | -
      Queued 3        | Connecting 3 | -            | -           | -        | -              | -
      Waiting 3       | -            | Queued 3     | -           | -        | -              | -
      Connecting 0    | -            | Waiting 1    | Preparing 0 | -        | -              | Waiting 1
      Connecting 3    | -            | Waiting 4    | Preparing 3 | -        | -              | Waiting 4
      Preparing 0     | -            | Waiting 1    | -           | Open 0   | -              | Waiting 1
      Preparing 3     | -            | Waiting 4    | -           | Open 3   | -              | Waiting 4
      Open 3          | -            | -            | -           | -        | -              | Waiting 4
      Open 3, old     | -            | -            | -           | -        | -              | Waiting 1
      Flushing SUSPENDED | -            | Suspended    | -           | -        | Closing SUSPENDED | Suspended
      Flushing CLOSED   | -            | Closed       | -           | -        | Closing CLOSED   | Closed
      Closing SUSPENDED  | -            | Suspended    | -           | -        | -              | Suspended
      Closing OPEN   | -            | Queued 0     | -           | -        | -              | Queued 0
      Closing CLOSED    | -            | Closed       | -           | -        | -              | Closed
      Failed          | -            | -            | -           | -        | -              | -
      Closed          | -            | -            | -           | -        | -              | -
      """;

  private final Machine tenacious =
      new Machine(
          (reason, before) -> Decision.retryAfter(Duration.ofNanos(7)), MIN_UPTIME, CLOSE_TIMEOUT);
  private final Machine patient =
      new Machine(
          (reason, before) -> Decision.retryUncounted(Duration.ofNanos(7)),
          MIN_UPTIME,
          CLOSE_TIMEOUT);
  private final Machine resigned =
      new Machine((reason, before) -> Decision.giveUp(), MIN_UPTIME, CLOSE_TIMEOUT);

  @Test
  void everyStateAnswersWhatIsDesired() {
    assertThat(table(tenacious, "Wake", "Sleep", "Close", "RetryNow")).isEqualTo(cells(DESIRED));
  }

  @Test
  void everyStateAnswersWhateverHappens() {
    assertThat(
            table(tenacious, "Permit", "LimitReached", "Connected", "Prepared", "Flushed", "Ended"))
        .isEqualTo(cells(HAPPENED));
  }

  @Test
  void theTablesLeaveNoStateAndNoEventOut() {
    Set<Class<?>> states = new HashSet<>();
    STATES.values().forEach(linkState -> states.add(linkState.getClass()));
    assertThat(states).isEqualTo(statesOf(LinkState.class));
    Set<Class<?>> events = new HashSet<>();
    EVENTS.values().forEach(event -> events.add(event.getClass()));
    assertThat(events).containsExactlyInAnyOrder(Event.class.getPermittedSubclasses());
    Set<String> columns = new HashSet<>();
    columns.addAll(cells(DESIRED).get("Closed").keySet());
    columns.addAll(cells(HAPPENED).get("Closed").keySet());
    assertThat(columns).isEqualTo(EVENTS.keySet());
    assertThat(cells(DESIRED).keySet()).isEqualTo(STATES.keySet());
    assertThat(cells(HAPPENED).keySet()).isEqualTo(STATES.keySet());
  }

  @Test
  void anEndThatThePolicyGivesUpOnLeadsToFailedAndOneThatIsNotCountedDoesNotCount() {
    for (String name : List.of("Connecting 3", "Preparing 3", "Open 3")) {
      LinkState linkState = STATES.get(name);
      assertThat(resigned.next(linkState, EVENTS.get("Ended"), NOW))
          .isEqualTo(new Failed(THREE.plus(Decision.giveUp()), RESET));
      assertThat(patient.next(linkState, EVENTS.get("Ended"), NOW))
          .isEqualTo(new Waiting(THREE, 7, RESET));
    }
    assertThat(resigned.next(new Connecting(FailureHistory.NONE), Event.LIMIT_REACHED, NOW))
        .isInstanceOf(Failed.class);
    assertThat(resigned.next(new Preparing(FailureHistory.NONE), Event.LIMIT_REACHED, NOW))
        .isInstanceOf(Failed.class);
  }

  @Test
  void thePolicyIsAskedWithWhatWasBeforeThisEnd() {
    List<FailureHistory> asked = new ArrayList<>();
    Machine machine =
        new Machine(
            (reason, before) -> {
              asked.add(before);
              return Decision.giveUp();
            },
            MIN_UPTIME,
            CLOSE_TIMEOUT);
    machine.next(new Connecting(FailureHistory.NONE), EVENTS.get("Ended"), NOW);
    machine.next(new Connecting(THREE), EVENTS.get("Ended"), NOW);
    machine.next(YOUNG, EVENTS.get("Ended"), NOW);
    machine.next(STATES.get("Open 3, old"), EVENTS.get("Ended"), NOW);
    assertThat(asked).containsExactly(FailureHistory.NONE, THREE, THREE, FailureHistory.NONE);
  }

  /** Through attempts and sessions that are too short, whatever time those take. */
  @Test
  void theDelaysAddUpUntilTheFailuresAreForgotten() {
    FailureHistory once = new FailureHistory(1, 7);
    LinkState linkState =
        tenacious.next(new Connecting(FailureHistory.NONE), EVENTS.get("Ended"), NOW);
    assertThat(linkState).isEqualTo(new Waiting(once, 7, RESET));
    linkState = tenacious.next(linkState, Event.LIMIT_REACHED, NOW + 7);
    assertThat(linkState).isEqualTo(new Queued(once));
    linkState = tenacious.next(linkState, Event.PERMIT, NOW + 80);
    linkState = tenacious.next(linkState, Event.CONNECTED, NOW + 90);
    linkState = tenacious.next(linkState, Event.PREPARED, NOW + 100);
    assertThat(linkState).isEqualTo(new Open(once, NOW + 100));
    LinkState young = tenacious.next(linkState, EVENTS.get("Ended"), NOW + 110);
    assertThat(young).isEqualTo(new Waiting(new FailureHistory(2, 14), 7, RESET));
    assertThat(tenacious.next(young, Event.WAKE, NOW)).isEqualTo(new Queued(FailureHistory.NONE));
    assertThat(tenacious.next(linkState, EVENTS.get("Ended"), NOW + 100 + MIN_UPTIME))
        .isEqualTo(new Waiting(once, 7, RESET));
  }

  @Test
  void theSumOfTheDelaysDoesNotOverflow() {
    FailureHistory most = new FailureHistory(3, Long.MAX_VALUE - 6);
    assertThat(most.plus(Decision.retryAfter(Duration.ofNanos(6))).waitedNanos())
        .isEqualTo(Long.MAX_VALUE);
    assertThat(most.plus(Decision.retryAfter(Duration.ofNanos(7))))
        .isEqualTo(new FailureHistory(4, Long.MAX_VALUE));
  }

  @Test
  void leavingKeepsItsReasonAndItsDeadline() {
    long later = DEADLINE + 50;
    LinkState flushing = tenacious.next(YOUNG, new Event.Sleep(SUSPENDED, DEADLINE), NOW);
    assertThat(flushing).isEqualTo(new Flushing(Target.SUSPENDED, SUSPENDED, DEADLINE, YOUNG));
    LinkState closing = tenacious.next(flushing, Event.FLUSHED, NOW);
    assertThat(closing).isEqualTo(new Closing(Target.SUSPENDED, SUSPENDED, DEADLINE));
    assertThat(tenacious.next(closing, new Event.Close(CLOSED_BY_APP, later), NOW))
        .isEqualTo(new Closing(Target.CLOSED, SUSPENDED, DEADLINE));
    LinkState awake = tenacious.next(closing, Event.WAKE, NOW);
    assertThat(tenacious.next(awake, new Event.Sleep(SUSPENDED, later), NOW))
        .isEqualTo(new Closing(Target.SUSPENDED, SUSPENDED, DEADLINE));
    assertThat(tenacious.next(flushing, Event.WAKE, NOW)).isSameAs(YOUNG);
  }

  /** Scarlet drops "going from graceful stop to abort" as no change. */
  @ParameterizedTest
  @EnumSource(
      value = Target.class,
      names = {"SUSPENDED", "CLOSED"})
  void anEarlierDeadlineIsTakenAlsoWhenItIsLeavingAlready(Target target) {
    long earlier = DEADLINE - 500;
    Event sooner = new Event.Sleep(SUSPENDED, earlier);
    assertThat(tenacious.next(new Flushing(target, RESET, DEADLINE, YOUNG), sooner, NOW))
        .isEqualTo(new Flushing(target, RESET, earlier, YOUNG));
    assertThat(tenacious.next(new Closing(target, RESET, DEADLINE), sooner, NOW))
        .isEqualTo(new Closing(target, RESET, earlier));
    LinkState closing = new Closing(target, RESET, DEADLINE);
    assertThat(tenacious.next(closing, new Event.Sleep(SUSPENDED, DEADLINE + 500), NOW))
        .isSameAs(closing);
  }

  @Test
  void aPeerHasItsTimeToAnswerFromWhenAllIsWrittenAndNotTheWholeBudget() {
    long budgetsEnd = NOW + 10_000;
    LinkState flushing = new Flushing(Target.SUSPENDED, SUSPENDED, budgetsEnd, YOUNG);
    assertThat(tenacious.next(flushing, Event.FLUSHED, NOW + 3))
        .isEqualTo(new Closing(Target.SUSPENDED, SUSPENDED, NOW + 3 + CLOSE_TIMEOUT));
    long late = budgetsEnd - CLOSE_TIMEOUT + 1;
    assertThat(tenacious.next(flushing, Event.FLUSHED, late))
        .isEqualTo(new Closing(Target.SUSPENDED, SUSPENDED, budgetsEnd));
  }

  @Test
  void whyAGenerationEndsIsSaidByWhatEndedItUnlessItWasLeaving() {
    Event.Ended ended = new Event.Ended(RESET, false);
    CloseReason paused = CloseReason.of(Kind.PAUSED_BY_APP);
    assertThat(Machine.reason(YOUNG, ended)).isSameAs(RESET);
    assertThat(Machine.reason(new Flushing(Target.CLOSED, paused, 0, YOUNG), ended))
        .isSameAs(paused);
    assertThat(Machine.reason(new Closing(Target.CLOSED, paused, 0), Event.LIMIT_REACHED))
        .isSameAs(paused);
    assertThat(Machine.reason(new Connecting(FailureHistory.NONE), new Event.Sleep(paused, 0)))
        .isSameAs(paused);
    assertThat(Machine.reason(new Connecting(FailureHistory.NONE), Event.LIMIT_REACHED).kind())
        .isEqualTo(Kind.CONNECT_TIMEOUT);
    assertThat(Machine.reason(new Preparing(FailureHistory.NONE), Event.LIMIT_REACHED).kind())
        .isEqualTo(Kind.PREPARE_FAILED);
    assertThat(Machine.reason(new Connecting(FailureHistory.NONE), new Event.Close(RESET, 0)))
        .isSameAs(RESET);
    LinkState closed = tenacious.next(YOUNG, new Event.Close(RESET, DEADLINE), NOW);
    assertThat(Machine.reason(closed, ended)).isSameAs(RESET);
  }

  /** A permit that is free is taken in the same step, so that WAITING is then not seen. */
  @Test
  void theStepsThatTheAppCanSeeAreThoseOfThePublicTableNeitherMoreNorLess() {
    Map<ConnectionState, Set<ConnectionState>> seen = new EnumMap<>(ConnectionState.class);
    Map<ConnectionState, Set<ConnectionState>> table = new EnumMap<>(ConnectionState.class);
    for (ConnectionState state : ConnectionState.values()) {
      seen.put(state, EnumSet.noneOf(ConnectionState.class));
      table.put(state, state.next());
    }
    Queue<LinkState> untried = new ArrayDeque<>(List.of(Machine.initial()));
    Set<LinkState> reached = new HashSet<>(untried);
    for (LinkState from = untried.poll(); from != null; from = untried.poll()) {
      for (LinkState to : successors(from)) {
        if (to.state() != from.state()) {
          seen.get(from.state()).add(to.state());
        }
        if (to.failures() < 3 && reached.add(to)) {
          untried.add(to);
        }
      }
    }
    assertThat(seen).isEqualTo(table);
    Set<Class<?>> kinds = new HashSet<>();
    reached.forEach(linkState -> kinds.add(linkState.getClass()));
    assertThat(kinds).isEqualTo(statesOf(LinkState.class));
  }

  /** The records below a sealed interface. */
  private static Set<Class<?>> statesOf(Class<?> sealed) {
    Set<Class<?>> states = new HashSet<>();
    for (Class<?> permitted : sealed.getPermittedSubclasses()) {
      if (permitted.isSealed()) {
        states.addAll(statesOf(permitted));
      } else {
        states.add(permitted);
      }
    }
    return states;
  }

  private List<LinkState> successors(LinkState from) {
    List<LinkState> successors = new ArrayList<>();
    for (Machine machine : List.of(tenacious, resigned)) {
      for (Event event : EVENTS.values()) {
        LinkState to = machine.next(from, event, NOW);
        successors.add(to);
        if (to instanceof Queued) {
          successors.add(machine.next(to, Event.PERMIT, NOW));
        }
      }
    }
    return successors;
  }

  @Test
  void onlyAStateWithAWireMayHoldASocketAndOnlyWhatIsWantedIsAwake() {
    for (LinkState linkState : STATES.values()) {
      assertThat(linkState.hasWire()).isEqualTo(linkState.state().mayHoldSocket());
    }
    assertThat(STATES.get("Suspended").target()).isEqualTo(Target.SUSPENDED);
    assertThat(STATES.get("Failed").target()).isEqualTo(Target.OPEN);
    assertThat(STATES.get("Closed").target()).isEqualTo(Target.CLOSED);
    assertThat(new Suspended()).isEqualTo(Machine.initial());
  }

  // ------------------------------------------------------------------------------- the tables

  private static Map<String, Map<String, String>> table(Machine machine, String... events) {
    Map<String, Map<String, String>> rows = new LinkedHashMap<>();
    STATES.forEach(
        (name, linkState) -> {
          Map<String, String> row = new LinkedHashMap<>();
          for (String event : events) {
            LinkState to = machine.next(linkState, EVENTS.get(event), NOW);
            row.put(event, to == linkState ? "-" : text(to));
          }
          rows.put(name, row);
        });
    return rows;
  }

  private static String text(LinkState linkState) {
    String name = linkState.getClass().getSimpleName();
    if (linkState instanceof Flushing || linkState instanceof Closing) {
      return name + " " + linkState.target();
    } else if (linkState instanceof Suspended
        || linkState instanceof Failed
        || linkState instanceof Closed) {
      return name;
    }
    return name + " " + linkState.failures();
  }

  private static Map<String, Map<String, String>> cells(String table) {
    List<String> lines = table.lines().toList();
    List<String> head = fields(lines.get(0));
    Map<String, Map<String, String>> rows = new LinkedHashMap<>();
    for (String line : lines.subList(1, lines.size())) {
      List<String> fields = fields(line);
      Map<String, String> row = new LinkedHashMap<>();
      for (int i = 1; i < head.size(); i++) {
        row.put(head.get(i), fields.get(i));
      }
      rows.put(fields.get(0), row);
    }
    return rows;
  }

  private static List<String> fields(String line) {
    return Arrays.stream(line.split("\\|", -1)).map(String::trim).toList();
  }
}

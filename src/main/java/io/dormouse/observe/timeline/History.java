package io.dormouse.observe.timeline;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The latest steps of a registry, in bounded memory: when there is no room for one more, the oldest
 * is forgotten and counted. What a row was in before its first step is still known then. Not safe
 * for use by several threads.
 */
final class History {
  /** How many connections and tasks there are at most. */
  static final int MOST_TRACKS = 256;

  /** How much of a name, reason or address is kept, in characters. */
  private static final int MOST_TEXT = 200;

  private static final String APP = "APP";
  private static final String NOTE = "NOTE";

  private final int mostSteps;
  private final Set<Track> tracks = new LinkedHashSet<>();
  private final IdentityHashMap<Object, Track> live = new IdentityHashMap<>();
  private final Track app = new Track("app", APP);
  private final Map<String, Track> notes = new HashMap<>(); // by who made them
  private final Deque<Step> steps = new ArrayDeque<>(); // in order of time
  private @Nullable Shade appState;
  private long dropped;
  private long latest; // no step is earlier than the one before
  private long latestKnown; // of those that know when they happened, or are forgotten

  /**
   * Creates an empty one.
   *
   * @param mostSteps how many it remembers at most
   */
  History(int mostSteps) {
    this.mostSteps = mostSteps;
  }

  /** What a row is made of. */
  private static final class Track {
    final String name;
    final String kind;

    /** Whether its entries say when they happened, and not only when that was told. */
    final boolean knowsWhen;

    /** The latest that is not among the steps any more, or what there was before all; or null. */
    @Nullable Entry before;

    int steps;
    boolean ended;

    Track(String name, String kind) {
      this.name = shortened(name);
      this.kind = kind;
      this.knowsWhen = !kind.equals(APP) && !kind.equals(Row.TASK);
    }
  }

  /**
   * What a row comes into.
   *
   * @param micros when, since the recording began
   * @param state which; null if the row is only over
   * @param generation of the connection; 0 if that says nothing
   * @param reason why; empty if nothing is to be said
   * @param address of the peer; empty if not known
   */
  record Entry(long micros, @Nullable Shade state, long generation, String reason, String address) {
    Entry {
      reason = shortened(reason);
      address = shortened(address);
    }

    /** One that has nothing more to say. */
    static Entry of(long micros, Shade state) {
      return new Entry(micros, state, 0, "", "");
    }

    Entry notBefore(long time) {
      return micros >= time ? this : at(time);
    }

    Entry at(long time) {
      return new Entry(time, state, generation, reason, address);
    }
  }

  /** One entry of a track. */
  private record Step(Track track, Entry entry) {}

  // ------------------------------------------------------------------------------ what happens

  /** Returns whether this connection or task is known, and has not ended. */
  boolean isLive(Object of) {
    return live.containsKey(of);
  }

  /**
   * Begins a row, if there is room for it.
   *
   * @param of the connection or task, by identity; it is held until it {@linkplain #end ends}
   * @param initial what it is in since the beginning; null if it begins with its first step
   */
  void begin(Object of, String name, String kind, @Nullable Shade initial) {
    if (tracks.size() == MOST_TRACKS && !forgetTheFirstThatEnded()) {
      return;
    }
    Track track = new Track(name, kind);
    if (initial != null && dropped == 0) { // or it may be one for which there was no room
      track.before = Entry.of(0, initial);
    }
    tracks.add(track);
    live.put(of, track);
  }

  /** Who is live is of more interest. */
  private boolean forgetTheFirstThatEnded() {
    for (Iterator<Track> each = tracks.iterator(); each.hasNext(); ) {
      Track track = each.next();
      if (track.ended) {
        each.remove();
        steps.removeIf(step -> step.track == track);
        dropped += track.steps;
        return true;
      }
    }
    return false;
  }

  /**
   * Says what a row is in before its first step. What {@link #begin} was told may be later than
   * steps that are heard of only now.
   */
  void comesFrom(Object of, Shade state) {
    Track track = live.get(of);
    if (track != null && track.steps == 0) {
      Entry before = track.before;
      if (before != null && before.state != state) {
        track.before = Entry.of(before.micros, state);
      }
    }
  }

  /** A row comes into a state. One for which there was no room is counted only. */
  void step(Object of, Entry entry) {
    add(live.get(of), entry);
  }

  /** The same for the last time. */
  void end(Object of, Entry entry) {
    Track track = live.remove(of);
    add(track, entry);
    if (track != null) {
      track.ended = true;
    }
  }

  /** The app goes to the background, or comes back. */
  void away(long micros, boolean away) {
    Shade state = away ? Shade.SUSPENDED : Shade.OPEN;
    if (state != appState) { // it goes there again, when a task ends in the background
      appState = state;
      add(app, Entry.of(micros, state));
    }
  }

  /** Somebody had something to say. */
  void note(long micros, String who, String what) {
    Track track = notes.get(who);
    if (track == null && notes.size() < MOST_TRACKS) {
      track = new Track(who, NOTE);
      notes.put(who, track);
    }
    add(track, new Entry(micros, null, 0, what, ""));
  }

  private void add(@Nullable Track track, Entry entry) {
    if (track == null) {
      dropped++;
      return;
    }
    if (steps.size() == mostSteps) {
      forget(steps.remove());
    }
    if (track.knowsWhen) {
      bringForward(Math.max(entry.micros, latestKnown));
      latestKnown = Math.max(entry.micros, latestKnown);
    }
    Entry inOrder = entry.notBefore(latest);
    latest = inOrder.micros;
    steps.add(new Step(track, inOrder));
    track.steps++;
  }

  /**
   * What does not know when it happened says when it was told, on a busy machine later than that:
   * it was before the next step that does know.
   */
  private void bringForward(long micros) {
    if (latest <= micros) {
      return;
    }
    Deque<Step> late = new ArrayDeque<>();
    while (!steps.isEmpty() && steps.getLast().entry.micros > micros) {
      late.push(steps.removeLast());
    }
    for (Step step : late) {
      steps.add(new Step(step.track, step.entry.at(micros)));
    }
    latest = micros;
  }

  private void forget(Step oldest) {
    Track track = oldest.track;
    latestKnown = Math.max(latestKnown, oldest.entry.micros); // it can't be changed any more
    dropped++;
    track.before = oldest.entry;
    track.steps--;
    if (track.ended && track.steps == 0) {
      tracks.remove(track); // that was all that was known of it
    }
  }

  private static String shortened(String text) {
    return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT) + "\u2026";
  }

  // --------------------------------------------------------------------------- what is remembered

  /** Returns all of it, until now. */
  Timeline timeline(long micros) {
    long now = Math.max(latest, micros);
    Map<Track, List<Entry>> entries = new LinkedHashMap<>(); // tracks are equal by identity
    entries.put(app, known(app));
    tracks.forEach(track -> entries.put(track, known(track)));
    for (Step step : steps) {
      List<Entry> of = entries.get(step.track);
      if (of != null) {
        of.add(step.entry);
      }
    }
    List<Timeline.Away> away = new ArrayList<>();
    List<Row> rows = new ArrayList<>();
    List<Row> tasks = new ArrayList<>();
    entries.forEach(
        (track, known) -> {
          List<Span> spans = spans(known, now, track.ended);
          if (track == app) {
            spans.stream()
                .filter(span -> span.state() == Shade.SUSPENDED)
                .forEach(span -> away.add(new Timeline.Away(span.from(), span.to())));
          } else if (track.kind.equals(Row.TASK)) {
            addTask(tasks, new Row(track.name, track.kind, spans));
          } else {
            rows.add(new Row(track.name, track.kind, spans));
          }
        });
    rows.addAll(tasks);
    return new Timeline(now, away, rows, lines(), dropped);
  }

  private List<Timeline.Line> lines() {
    Map<Track, Entry> latestOf = new HashMap<>();
    List<Timeline.Line> lines = new ArrayList<>();
    for (Step step : steps) {
      Track track = step.track;
      Entry entry = step.entry;
      Entry before = latestOf.getOrDefault(track, track.before);
      latestOf.put(track, entry);
      lines.add(new Timeline.Line(entry.micros, track.name, words(track.kind, before, entry)));
    }
    return lines;
  }

  private static String words(String kind, @Nullable Entry before, Entry entry) {
    Shade state = entry.state;
    return switch (kind) {
      case NOTE -> entry.reason;
      case APP -> state == Shade.SUSPENDED ? "is in the background" : "is in the foreground";
      case Row.TASK -> (state == null ? "ends: " : "begins, ") + entry.reason;
      default -> {
        Shade from = before == null ? null : before.state;
        boolean isElsewhere = before == null || !before.address.equals(entry.address);
        yield (from == null ? "" : from + " ")
            + "-> "
            + state
            + (entry.address.isEmpty() || !isElsewhere ? "" : " " + entry.address)
            + (entry.reason.isEmpty() ? "" : ", " + entry.reason);
      }
    };
  }

  /** Tasks of one name that come one after the other share a row. */
  private static void addTask(List<Row> tasks, Row task) {
    for (int i = 0; i < tasks.size(); i++) {
      if (tasks.get(i).isFollowedBy(task)) {
        tasks.set(i, tasks.get(i).with(task));
        return;
      }
    }
    tasks.add(task);
  }

  private static List<Entry> known(Track track) {
    List<Entry> known = new ArrayList<>();
    if (track.before != null) {
      known.add(track.before);
    }
    return known;
  }

  private static List<Span> spans(List<Entry> entries, long now, boolean ended) {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      Entry next = i + 1 < entries.size() ? entries.get(i + 1) : null;
      Shade state = entry.state;
      if (state == null) {
        continue;
      }
      long to = next != null ? next.micros : ended ? entry.micros : now;
      boolean goesOn = next == null && !ended;
      String end = next != null && next.state == null ? next.reason : "";
      String reason = joined(entry.reason, end);
      spans.add(new Span(state, entry.micros, to, goesOn, entry.generation, reason, entry.address));
    }
    return spans;
  }

  private static String joined(String first, String second) {
    return first.isEmpty() || second.isEmpty() ? first + second : first + "; " + second;
  }
}

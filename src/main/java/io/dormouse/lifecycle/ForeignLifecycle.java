package io.dormouse.lifecycle;

import java.util.List;

/**
 * Follows a lifecycle that is not of this room, and remembers where it is, so that nobody else has
 * to ask it. It is asked on the threads of its own calls only, which may hold its locks, and while
 * nothing of ours is locked. That also finds the truth for one that reports from several threads at
 * once, where the last call need not be of the last change.
 */
final class ForeignLifecycle extends DerivedLifecycle {
  private final AppLifecycle member;
  private final LifecycleListener hooks = new Hooks();

  private final Object lock = new Object();
  private boolean asking; // guarded by lock
  private boolean again; // guarded by lock: it has called since it was asked
  private volatile int calls; // written under the lock
  private volatile Phase latest = Phase.UNKNOWN; // written under the lock

  ForeignLifecycle(AppLifecycle member) {
    super(List.of(member));
    this.member = member;
  }

  @Override
  LifecycleListener hooks() {
    return hooks;
  }

  @Override
  Phase phaseOfMembers() {
    return isFollowing() ? latest : Phase.of(member);
  }

  @Override
  void beforeFollowing() {
    int before = calls;
    Phase now = Phase.of(member);
    synchronized (lock) {
      if (calls == before) { // otherwise what it said since is later
        latest = now;
      }
    }
  }

  /** The member says that it is at {@code told}. While another thread asks it, that must do. */
  private void hear(Phase told) {
    boolean mine;
    synchronized (lock) {
      calls++;
      mine = !asking;
      asking = true;
      if (!mine) {
        latest = told;
        again = true;
      }
    }
    if (mine) {
      ask(told);
    }
    evaluate();
  }

  private void ask(Phase otherwise) {
    Phase now = otherwise;
    boolean more;
    do {
      try {
        now = Phase.of(member);
      } catch (Throwable e) { // what it said last must do
        LIFECYCLE_THREW.write(e);
      }
      synchronized (lock) {
        more = again;
        again = false;
        asking = more;
        if (more) {
          now = latest;
        } else {
          latest = now;
        }
      }
    } while (more);
  }

  private final class Hooks implements LifecycleListener {
    @Override
    public void onForeground() {
      hear(Phase.FOREGROUND);
    }

    @Override
    public void onBackground() {
      hear(Phase.BACKGROUND);
    }

    @Override
    public void onSettling() {
      hear(Phase.SETTLING);
    }

    @Override
    public void onTerminate() {
      hear(Phase.TERMINATED);
    }
  }
}

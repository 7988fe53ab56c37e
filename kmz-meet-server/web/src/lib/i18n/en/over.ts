/** The way out of a conference. */
export const over = {
  leave: {
    title: 'Leave?',
    text: 'You can leave while the class goes on, or end the conference for everyone.',
    justLeave: 'Only I go',
    justLeaveHint: 'The conference goes on. You can always come back.',
    end: 'End for all',
    endHint: 'Everyone is sent out. Chat and raised hands are deleted.',
    endConfirm: 'End for everyone now?',
    endYes: 'Yes, end for all',
    stay: 'Stay here',
  },

  over: {
    left: { title: 'You have left', text: 'The conference goes on without you. You can come back.' },
    ended: { title: 'The conference is over', text: 'It was ended for everyone. The chat has been deleted.' },
    removed: {
      title: 'You were removed',
      text: 'A teacher took you out of this conference, so you cannot come back to it. If that was a mistake, talk to your teacher.',
    },
    closed: {
      title: 'The door is closed',
      text: 'Nobody new comes in at the moment. Ask your teacher to open the door, then try again.',
    },
    full: {
      title: 'The room is full',
      text: 'As many people as fit are inside. Tell your teacher, or try again when someone has left.',
    },
    server_full: {
      title: 'The server has no room at the moment',
      text: 'As many conferences run as the server carries well. Whoever is in one notices nothing. Please try again in a few minutes. If it stays like this, tell your administrator.',
    },
    no_contract: {
      title: 'This room does not open',
      text: 'Your school has no data-processing agreement that holds with the operator of this service, so no conference starts here. Tell the head of your school: when the agreement is signed, the room opens again.',
    },
    pass_ended: {
      title: 'The substitution is over',
      text: 'This access does not open the room any more: its time is up, or the substitute link was taken back. If you still need it, ask whoever gave it to you.',
    },
    card_ended: {
      title: 'This card opens nothing any more',
      text: 'Your teacher took the card back, or made a new one for you. Ask your teacher for the new card.',
    },
    refused: {
      title: 'You were not let in',
      text: 'Your teacher did not let you in this time. If that was a mistake, talk to your teacher.',
    },
    too_many_attempts: {
      title: 'Too many attempts',
      text: 'There were too many attempts, so this is paused. Check the link and the password and try again in a few minutes.',
    },
    replaced: {
      title: 'You are here in another window',
      text: 'You joined in another tab or window. This one was left. You can close it.',
    },
    too_many_places: {
      title: 'You are here in too many windows',
      text: 'One person can be here three times at once, for example on a phone and on a laptop. You joined once more, or somebody else uses your account, so this window was left. If it was not you, tell your teacher: everyone needs an account of their own.',
    },
    disputed: {
      title: 'This access is disputed',
      text: 'More than one school on this server has registered the key of this access, so nobody comes in by it. Tell your administrator: the operator of this server has to settle it.',
    },
    signed_out: {
      title: 'You were signed out',
      text: 'You were signed out here from another browser, or the password was changed. Nobody removed you: sign in again, and you can come back.',
    },
    bad_seat: {
      title: 'Please join again',
      text: 'Your seat is not valid any more, for example because the conference was ended. Join again with your name.',
    },
    bad_ticket: {
      title: 'Please open it from the course again',
      text: 'This access holds for a while only, and its time is up. Go back to the course and open the room there again.',
    },
    not_yet: {
      title: 'Not yet',
      text: 'Your access holds from a later moment on. Try again in a moment. If it stays like this, the clocks of the servers differ: tell your administrator.',
    },
    backToCourse: 'Back to the course',
    again: 'Try again',
    signIn: 'Sign in again',
    comeBack: 'Come back',
    comeBackHere: 'Come back here',
    closeWindow: 'Close this window',
    closeHint: 'You can close this window now. The course is in the other one.',
    home: 'Home page',
  },
};

package main

import "strings"

// First and last names are combined by counting. The lengths of the lists, 49
// and 37, have no common factor, so that no full name comes twice. Where a mail
// address cannot be spelt as the name is, its spelling follows a bar.
const (
	firstNames = `Amara Bilal Chiara Dmitri Eilidh Farah Gareth Hiroko Ifeoma Jakub|jakub Kavita
		Lorenzo Maeve Nikhil Olga Pádraig|padraig Qiang Rosalind Sanjay Tamsin Umar Véronique|veronique Wiktoria
		Xolani Yusuf Zoë|zoe Anneke Benedikt Catrin Deepa Emeka Fiadh Gülşen|gulsen Hamish Ines Jelena Kwame
		Leila Mateus Ngozi Oisín|oisin Precious Rhys Søren|soren Thanh Uma Viktor Wanjiru Yael`

	lastNames = `Abernethy Bhattacharya Castellano Dlamini Eriksson Fitzhugh Gunawardena Haddad
		Ibekwe Jankowska Kowalczyk Llewellyn Mbeki Nakamura O'Sullivan|osullivan Petrov Quiroga Rasmussen Sutherland
		Tremblay Umarov Vasquez Whitcombe Xu Yilmaz Zieliński|zielinski Ashworth Banerjee Choudhury D'Angelo|dangelo
		El-Sayed Ferreira Grünwald|grunwald Hoang Idowu Jephcott Kaya`
)

// spelt is a name and how mail addresses spell it.
type spelt struct{ name, ascii string }

func spellings(list string) []spelt {
	var all []spelt
	for word := range strings.FieldsSeq(list) {
		name, ascii, special := strings.Cut(word, "|")
		if !special {
			ascii = strings.ToLower(name)
		}
		all = append(all, spelt{name, ascii})
	}
	return all
}

// fullName is the name of the i-th person.
func fullName(i int) (first, last spelt) {
	firsts, lasts := spellings(firstNames), spellings(lastNames)
	return firsts[i%len(firsts)], lasts[(i*5+3)%len(lasts)]
}
